using System.Text.Json;
using Grpc.Core;
using Grpc.Net.Client;
using Recs.Api.Contracts.Protobuf;
using Recs.Api.Keys;

namespace Recs.Api.Tests.Rpc;

public sealed class RecommenderServiceTests
{
    private const string Event = """{"type":"interaction","event_id":"g1","schema":1,"time":"2024-03-12T00:00:01Z","user":"u3","item":"p01","action":"click"}""";

    [Fact]
    public async Task Rank_SaysTheSameAsHttp()
    {
        await using var shop = await ServedShop.Start(options: ServedShop.Options with { GrpcUrl = "http://127.0.0.1:0" });
        using var channel = Channel(shop);
        var client = new Recommender.RecommenderClient(channel);
        var reply = await client.RankAsync(new() { User = "u3", N = 15, Explain = true, Candidates = new() { Items = { "p03", "nowhere", "ad01", "p04" } } });
        var answer = await shop.Rank("""{"user":"u3","n":15,"explain":true,"candidates":["p03","nowhere","ad01","p04"]}""");
        Assert.Equal(Lines(answer), reply.Slate.Select(entry => $"{entry.Position} {entry.Item} {entry.Kind} {entry.Score:R} {entry.Heads["conversion"]:R} {entry.Ad?.PriceMicros}"));
        Assert.Equal(answer.GetProperty("degraded").GetString(), reply.Degraded);
        Assert.Equal(answer.GetProperty("versions").GetProperty("policy").GetString(), reply.Versions.Policy);
        Assert.Equal(["nowhere"], reply.Explain.Removed.Where(removed => removed.Reason == "unknown_item").Select(removed => removed.Item));
        Assert.Equal(20, (await client.RankAsync(new() { User = "u3" })).Slate.Count);
        Assert.Empty((await client.RankAsync(new() { User = "u3", Candidates = new() })).Slate);
    }

    [Fact]
    public async Task Publish_IsFoldedIn_AndBadEventsAreRefusedWhole()
    {
        await using var shop = await ServedShop.Start(options: ServedShop.Options with { GrpcUrl = "http://127.0.0.1:0" });
        using var channel = Channel(shop);
        var client = new Recommender.RecommenderClient(channel);
        var reply = await client.PublishAsync(new() { Events = { Event } });
        Assert.Equal((1, 1), (reply.Accepted, reply.ByType["interaction"]));
        await shop.Folded(TinyShop.Facts.Count + 1);
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await client.PublishAsync(new() { Events = { Event, "{}" } }));
        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.Contains("at index 1", refused.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rank_BadCalls_HaveTheStatusAndTheSentenceOfHttp()
    {
        await using var shop = await ServedShop.Start(follow: false, options: ServedShop.Options with { GrpcUrl = "http://127.0.0.1:0" });
        using var channel = Channel(shop);
        var client = new Recommender.RecommenderClient(channel);
        foreach (var (call, code, says) in new[]
        {
            (new RankCall(), StatusCode.InvalidArgument, "user is missing"),
            (new RankCall { User = "u", N = 201 }, StatusCode.InvalidArgument, "n is 201, range 1 to 200"),
            (new RankCall { User = "u", Kinds = { "video" } }, StatusCode.InvalidArgument, "'video', expected content or ad"),
            (new RankCall { User = "u", Candidates = new() { Items = { "a", "a" } } }, StatusCode.InvalidArgument, "names already"),
            (new RankCall { User = "u", Candidates = new() { Items = { Enumerable.Range(0, 10_001).Select(i => $"c{i}") } } }, StatusCode.InvalidArgument, "limit 10000"),
            (new RankCall { User = "u", Time = "2011-11-05T10:00:00Z" }, StatusCode.PermissionDenied, "admin key"),
            (new RankCall { User = new string('x', 9 << 20) }, StatusCode.ResourceExhausted, ""),
        })
        {
            var refused = await Assert.ThrowsAsync<RpcException>(async () => await client.RankAsync(call));
            Assert.Equal(code, refused.StatusCode);
            Assert.Contains(says, refused.Status.Detail, StringComparison.Ordinal);
        }
        Assert.Equal(20, (await client.RankAsync(new() { User = "u3" })).Slate.Count);
    }

    [Fact]
    public async Task Keys_HoldHereToo()
    {
        var (rank, rankKey) = ApiKey.Create(ApiScopes.Rank);
        await using var shop = await ServedShop.Start(follow: false, options: ServedShop.Options with { GrpcUrl = "http://127.0.0.1:0", Keys = ApiKeyRing.Of(rank) });
        using var channel = Channel(shop);
        var client = new Recommender.RecommenderClient(channel);
        Metadata key = new() { { "authorization", $"Bearer {rankKey}" } };
        Assert.Equal(StatusCode.Unauthenticated, (await Assert.ThrowsAsync<RpcException>(async () => await client.RankAsync(new() { User = "u3" }))).StatusCode);
        Assert.Equal(StatusCode.PermissionDenied, (await Assert.ThrowsAsync<RpcException>(async () => await client.PublishAsync(new() { Events = { Event } }, key))).StatusCode);
        Assert.Equal(20, (await client.RankAsync(new() { User = "u3" }, key)).Slate.Count);
    }

    private static GrpcChannel Channel(ServedShop shop) => GrpcChannel.ForAddress(shop.Server.Urls.Last(), new() { MaxSendMessageSize = null });

    private static IEnumerable<string> Lines(JsonElement answer) => answer.GetProperty("slate").EnumerateArray().Select(entry => FormattableString.Invariant(
        $"{entry.GetProperty("position").GetInt32()} {entry.GetProperty("item").GetString()} {entry.GetProperty("kind").GetString()} {entry.GetProperty("score").GetDouble():R} {entry.GetProperty("heads").GetProperty("conversion").GetDouble():R} {(entry.TryGetProperty("ad", out var ad) ? ad.GetProperty("price_micros").GetInt64() : null)}"));
}
