using Recs.Domain;
using Recs.Pipelines.Policy;
using Recs.Pipelines.Tests.CommandLine;

namespace Recs.Pipelines.Tests.Policy;

public sealed class ExperimentsFileTests : IDisposable
{
    private readonly TestFolder _folder = new();

    [Fact]
    public void Read_LayersAndArms()
    {
        var set = Read("version: 1", "layers:", "  load:", "    salt: load-2", "    stopped: true", "    arms:", "      control: { share: 0.5 }", "      more: { share: 0.25, policy: { ads.share: 0.3, value.weights.click: 2 } }",
            "  heads:", "    arms: { new: { share: 1, model: models/new } }");
        Assert.Equal([("load", "load-2", true, 2), ("heads", "heads", false, 1)], set.Layers.Select(layer => (layer.Name, layer.Salt, layer.IsStopped, layer.Arms.Count)));
        Assert.Equal(0.3, set.Layers[0].Arms[1].Policy["ads.share"]);
        Assert.Equal(["models/new"], set.Models);
        Assert.Empty(Read("version: 1").Layers);
    }

    [Theory]
    [InlineData(":1: the experiments have no version", "layers: {}")]
    [InlineData(":1: the experiments are of version 2", "version: 2")]
    [InlineData(":2: unknown key 'layer'", "version: 1", "layer: {}")]
    [InlineData(":2: unknown key 'arm'", "version: 1", "layers: { a: { arm: {} } }")]
    [InlineData(":2: stopped is 'yes', expected true or false", "version: 1", "layers: { a: { stopped: yes } }")]
    [InlineData(":2: share is 'half', expected a number", "version: 1", "layers: { a: { arms: { x: { share: half } } } }")]
    [InlineData("layer 'a' has no arms", "version: 1", "layers: { a: {} }")]
    [InlineData("'ads.shares' is no setting of a policy; near it: ads.share", "version: 1", "layers: { a: { arms: { x: { share: 1, policy: { ads.shares: 1 } } } } }")]
    [InlineData("ads.share is 7, range 0 to 1", "version: 1", "layers: { a: { arms: { x: { share: 1, policy: { ads.share: 7 } } } } }")]
    [InlineData("feed.per_author is 1.5, expected a whole number", "version: 1", "layers: { a: { arms: { x: { share: 1, policy: { feed.per_author: 1.5 } } } } }")]
    public void Read_Wrong_IsRefusedWithItsPlace(string says, params string[] lines)
    {
        var refused = Assert.Throws<RefusedException>(() => Read(lines)).Message;
        Assert.Contains(says, refused, StringComparison.Ordinal);
        Assert.StartsWith(_folder.Path, refused, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private Api.Experiments.ExperimentSet Read(params string[] lines) => ExperimentsFile.Read(_folder.Write("experiments.yaml", string.Join('\n', lines)));
}
