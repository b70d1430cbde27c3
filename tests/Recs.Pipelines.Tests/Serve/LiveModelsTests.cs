using Recs.Api.Live;
using Recs.Domain.Events;
using Recs.Pipelines.Serve;
using Recs.Pipelines.Tests.CommandLine;
using Recs.Pipelines.Tests.State;
using Recs.Ranker.Model;
using Recs.Ranker.Training;
using Recs.Storage;

namespace Recs.Pipelines.Tests.Serve;

public sealed class LiveModelsTests : IDisposable
{
    private readonly TestFolder _folder = new();

    [Fact]
    public async Task Look_AnotherModelInTheFolder_IsServed_ABrokenOneIsToldOnce()
    {
        var url = SmallStore.Make(_folder.In("shop.duckdb"), Train.SmallFeed.Facts(1));
        var folder = _folder.In("model");
        var first = Save(folder, trees: 3);
        using var store = EventStore.Open(url);
        await using var live = LiveState.Load(store, RankerModel.Load(folder));
        List<string> log = [];
        var watch = new LiveModels(live, url).Watch(folder, log.Add);
        watch.Look();
        Assert.Equal(first, live.Model.Version);

        var second = Save(folder, trees: 5);
        Touch(folder, minutes: 1);
        watch.Look();
        Assert.Equal(second, live.Model.Version);
        Assert.NotEqual(first, second);

        File.WriteAllText(Path.Combine(folder, "model.json"), "{");
        Touch(folder, minutes: 2);
        watch.Look();
        watch.Look();
        Assert.Contains("is not served yet", Assert.Single(log), StringComparison.Ordinal);
        Assert.Equal(second, live.Model.Version);

        Directory.Delete(folder, recursive: true);
        watch.Look();
        watch.Look();
        Assert.Equal(2, log.Count);
        Assert.Equal(first, Save(folder, trees: 3));
        Touch(folder, minutes: 3);
        watch.Look();
        Assert.Equal(first, live.Model.Version);
    }

    public void Dispose() => _folder.Dispose();

    internal static string Save(string folder, int trees)
    {
        var set = new TrainingReplay(Train.SmallFeed.Facts(1), InteractionType.Click, null) { Workers = 1 }.Run();
        return RankerModel.Save(folder, [HeadTrainer.Train(set, ..2_000, 2_000.., InteractionType.Click, null, new TrainingOptions { Trees = trees, Leaves = 4, RowsPerLeaf = 20 })], "none").Version;
    }

    // Two files written within one tick of the file system's clock would look alike.
    private static void Touch(string folder, int minutes) => File.SetLastWriteTimeUtc(Path.Combine(folder, "model.json"), new DateTime(2030, 1, 1, 0, minutes, 0, DateTimeKind.Utc));
}
