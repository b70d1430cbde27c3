using System.Net;
using System.Text.Json;

namespace Recs.Api.Tests;

public sealed class RankEndpointTests(RankEndpointTests.One one) : IClassFixture<RankEndpointTests.One>
{
    private readonly ServedShop _shop = one.Shop;

    /// <summary>One server for all: that it answers the next test is part of each.</summary>
    public sealed class One : IAsyncLifetime
    {
        internal ServedShop Shop { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Shop = await ServedShop.Start();

        public ValueTask DisposeAsync() => Shop.DisposeAsync();
    }

    [Fact]
    public async Task Rank_Auto_GivesContentAndAdsWithVersions()
    {
        var answer = await _shop.Rank("""{"user":"u3","surface":"home","n":20,"kinds":["content","ad"],"candidates":"auto","explain":true,"time":null}""");
        var slate = answer.GetProperty("slate").EnumerateArray().ToList();
        Assert.Equal(Enumerable.Range(1, 20), slate.Select(entry => entry.GetProperty("position").GetInt32()));
        Assert.Equal(["request_id", "decision_id", "slate", "degraded", "versions", "explain"], answer.EnumerateObject().Select(property => property.Name));
        Assert.Equal("none", answer.GetProperty("degraded").GetString());
        Assert.Equal("tiny", answer.GetProperty("versions").GetProperty("embedding").GetString());
        var ads = slate.Where(entry => entry.GetProperty("kind").GetString() == "ad").ToList();
        Assert.InRange(ads.Count, 1, 4);
        Assert.All(ads, entry => Assert.True(entry.GetProperty("ad").GetProperty("price_micros").GetInt64() > 0));
        Assert.All(slate, entry => Assert.InRange(entry.GetProperty("heads").GetProperty("conversion").GetDouble(), 0, 1));
        var again = await _shop.Rank("""{"user":"u3"}""");
        Assert.NotEqual(answer.GetProperty("request_id").GetString(), again.GetProperty("request_id").GetString());
        Assert.Equal(JsonSerializer.Serialize(slate), again.GetProperty("slate").GetRawText());
        Assert.False(again.TryGetProperty("explain", out _));
    }

    [Fact]
    public async Task Rank_UnknownUser_IsRankedForAsNew() =>
        Assert.Equal(20, (await _shop.Rank("""{"user":"nobody has seen me"}""")).GetProperty("slate").GetArrayLength());

    [Fact]
    public async Task Rank_GivenCandidates_RanksThoseAndExplainsTheRest()
    {
        var answer = await _shop.Rank("""{"user":"u1","candidates":["p03","nowhere","p04","p03"],"explain":true}""");
        Assert.Equal(["p03", "p04"], answer.GetProperty("slate").EnumerateArray().Select(entry => entry.GetProperty("item").GetString()).Order());
        Assert.Equal([("nowhere", "unknown_item"), ("p03", "duplicate")], answer.GetProperty("explain").GetProperty("removed").EnumerateArray()
            .Select(removed => (removed.GetProperty("item").GetString(), removed.GetProperty("reason").GetString())));
        Assert.Equal(0, (await _shop.Rank("""{"user":"u1","candidates":[]}""")).GetProperty("slate").GetArrayLength());
    }

    public static TheoryData<string, int, string> Bad => new()
    {
        { "{", 400, "JSON" },
        { "", 400, "JSON" },
        { "null", 400, "null" },
        { "[]", 400, "JSON" },
        { """{"user":5}""", 400, "$.user" },
        { """{"user":"u","n":"many"}""", 400, "$.n" },
        { """{"user":"u","n":1.5}""", 400, "$.n" },
        { "{}", 400, "user is missing" },
        { """{"user":""}""", 400, "user is missing" },
        { """{"user":"u","surface":""}""", 400, "surface" },
        { """{"user":"u","n":0}""", 400, "n is 0, range 1 to 200" },
        { """{"user":"u","n":201}""", 400, "n is 201, range 1 to 200" },
        { """{"user":"u","kinds":["video"]}""", 400, "'video', expected content or ad" },
        { """{"user":"u","kinds":[]}""", 400, "kinds is empty" },
        { """{"user":"u","candidates":"some"}""", 400, "candidates is neither" },
        { """{"user":"u","candidates":[7]}""", 400, "candidates[0]" },
        { """{"user":"u","candidates":[""]}""", 400, "candidates[0]" },
        { """{"user":"u","candidates":["\ud800"]}""", 400, "Unicode" },
        { """{"user":"u","time":"2011-11-05T10:00:00Z"}""", 403, "admin key" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task Rank_BadRequest_IsAProblemAndTheServerGoesOn(string body, int status, string says)
    {
        await Refused(_shop.Post("/v1/rank", body), status, says);
        await _shop.Rank("""{"user":"u1"}""");
    }

    [Fact]
    public async Task Rank_TooMuchOrOtherMedia_IsRefused()
    {
        await Refused(_shop.Post("/v1/rank", $$"""{"user":"u","candidates":[{{string.Join(',', Enumerable.Range(0, 100_000).Select(i => $"\"c{i}\""))}}]}"""), 400, "limit 10000");
        await Refused(_shop.Post("/v1/rank", $$"""{"user":"{{new string('x', 9 << 20)}}"}"""), 413, "8388608");
        await Refused(_shop.Post("/v1/rank", $$"""{"user":"{{new string('x', 300)}}"}"""), 400, "300 characters, limit 256");
        await Refused(_shop.Post("/v1/rank", "user=u", "application/x-www-form-urlencoded"), 415, "application/json");
        await Refused(_shop.Get("/v1/rank"), 405, "GET");
        await Refused(_shop.Get("/v2/rank"), 404, "/v2/rank");
        await _shop.Rank("""{"user":"u1"}""");
    }

    private static async Task Refused(Task<(HttpStatusCode Status, JsonElement Body, string? Type)> answer, int status, string says)
    {
        var (code, body, type) = await answer;
        Assert.Equal((status, "application/problem+json"), ((int)code, type));
        Assert.Equal(status, body.GetProperty("status").GetInt32());
        Assert.Contains(says, body.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }
}
