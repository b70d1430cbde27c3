using System.Text.Json;
using Recs.Domain.Events;
using Recs.Domain.Items;
using Recs.Pipelines.Datasets;
using Recs.Pipelines.Tests.CommandLine;
using Recs.Pipelines.Tests.State;
using Recs.Storage;
using Recs.Tests;

namespace Recs.Pipelines.Tests.Embed;

/// <summary><c>recs embed --db</c>: only what has changed.</summary>
[Collection(nameof(ConsoleTests))]
public sealed class StoreEmbeddingTests : IDisposable
{
    private static readonly string Model = Path.Combine(Requirements.Root, "models", "llama4-nano");
    private readonly TestFolder _folder = new();

    [Fact]
    public async Task Embed_AgainAfterChanges_MakesAndRemovesOnlyThose()
    {
        var ad = new Ad(new("adv"), null, new(BidUnit.Click, 1), 1, []);
        var url = SmallStore.Make(_folder.In("store.duckdb"), [
            Version("e1", "i1", 0, "Red Mug"), Version("e2", "i2", 0, "Blue mug"), Version("e3", "i3", 0, "gone soon"),
            Version("e4", "own", 0, "Buy mugs", ad: ad), Version("e5", "promotes", 0, "Red mug, now", ad: ad with { Promotes = new("i1") })]);
        Assert.Equal((4, 0, 0), await Embed(url));
        Assert.Equal((0, 4, 0), await Embed(url));
        using (var store = EventStore.Open(url))
        {
            store.Append(new([
                Version("e6", "i1", 5, "red mug"), // the same text once its case is dropped
                Version("e7", "i2", 5, "Green mug"),
                Version("e8", "i2", 1, "late and older"),
                Version("e9", "i3", 5, "gone soon", ItemStatus.Deleted),
                Version("e10", "i4", 5, "New")], [], []));
        }
        Assert.Equal((2, 2, 1), await Embed(url));
        using (var store = EventStore.Open(url))
        {
            var vectors = store.Embeddings(store.LatestEmbeddingVersion()!);
            Assert.Equal(["i1", "i2", "i4", "own"], vectors.Select(vector => vector.Item.Value));
            Assert.All(vectors, vector => Assert.Matches(@"^\d+(-\d+)*$", vector.Signature));
        }
        Assert.Equal((4, 0, 0), await Embed(url, "--template", "{title} | {tags}"));
    }

    [Fact]
    public async Task Embed_DefaultTemplate_IsTheOneOfTheDemosShop()
    {
        Assert.Equal(Recs.Pipelines.Embed.ItemText.DefaultTemplate, Dataset.Find("online-retail").Template);
        var url = SmallStore.Make(_folder.In("store.duckdb"), [Version("e1", "i1", 0, "Red Mug")]);
        await Embed(url);
        using var store = EventStore.Open(url);
        Assert.Equal(Recs.Embedder.ContentHash.Of("red mug"), Assert.Single(store.Embeddings(store.LatestEmbeddingVersion()!)).ContentHash);
    }

    [Fact]
    public async Task Embed_NoSuchStore_FailsAndMakesNone()
    {
        Assert.Contains("there is no store", await RecsProgram.Fail(1, "embed", "--model", Model, "--db", $"duckdb:{_folder.In("none.duckdb")}"), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    public void Dispose() => _folder.Dispose();

    private static Fact Version(string id, string item, int hour, string title, ItemStatus status = ItemStatus.Active, Ad? ad = null) => new(
        new ItemUpserted(new(id), SmallStore.Start.Plus(TimeSpan.FromHours(hour)), new Item { Id = new(item), Title = title, Status = status, Ad = ad, Tags = ["t"] }), SmallStore.Start);

    private async Task<(long Made, long Current, long Removed)> Embed(string url, params string[] more)
    {
        await RecsProgram.Succeed(["embed", "--model", Model, "--db", url, "--json", _folder.In("result.json"), .. more]);
        using var json = JsonDocument.Parse(File.ReadAllText(_folder.In("result.json")));
        long Field(string name) => json.RootElement.GetProperty(name).GetInt64();
        return (Field("made"), Field("current"), Field("removed"));
    }
}
