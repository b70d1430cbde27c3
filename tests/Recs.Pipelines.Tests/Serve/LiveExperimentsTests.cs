using Recs.Api.Live;
using Recs.Domain;
using Recs.Pipelines.Serve;
using Recs.Pipelines.Tests.CommandLine;
using Recs.Pipelines.Tests.State;
using Recs.Ranker.Model;
using Recs.Storage;

namespace Recs.Pipelines.Tests.Serve;

public sealed class LiveExperimentsTests : IDisposable
{
    private readonly TestFolder _folder = new();

    [Fact]
    public async Task Look_FileChanges_KillSwitchAndFaults()
    {
        var url = SmallStore.Make(_folder.In("shop.duckdb"), Train.SmallFeed.Facts(1));
        var model = LiveModelsTests.Save(_folder.In("model"), trees: 3);
        using var store = EventStore.Open(url);
        await using var live = LiveState.Load(store, RankerModel.Load(_folder.In("model")));
        List<string> log = [];
        var file = _folder.Write("experiments.yaml", $"version: 1\nlayers: {{ heads: {{ arms: {{ same: {{ share: 1, model: {_folder.In("model")} }} }} }} }}");
        var experiments = new LiveExperiments(live, file, new(live, url));
        experiments.Read();
        var watch = experiments.Watch(log.Add);
        Assert.Equal((model, "same"), (live.Model.Version, live.Experiments.Layers[0].Arms[0].Name));

        _folder.Write("experiments.yaml", "version: 1\nlayers: { heads: { stopped: true, arms: { same: { share: 1 } } } }");
        watch.Look();
        Assert.True(live.Experiments.Layers[0].IsStopped);

        _folder.Write("experiments.yaml", "version: 1\nlayers: 7");
        watch.Look();
        watch.Look();
        Assert.Contains("experiments.yaml:2", Assert.Single(log), StringComparison.Ordinal);
        Assert.True(live.Experiments.Layers[0].IsStopped);

        File.Delete(file);
        watch.Look();
        Assert.Equal(2, log.Count);
        Assert.Throws<RefusedException>(experiments.Read);
    }

    public void Dispose() => _folder.Dispose();
}
