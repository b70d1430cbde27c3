using System.Net;
using Recs.Domain;
using Recs.Ingest;

namespace Recs.Api.Tests;

public sealed class ApiServerTests
{
    [Fact]
    public async Task Start_BusyPort_IsRefusedWithThePort()
    {
        await using var shop = await ServedShop.Start();
        var refused = await Assert.ThrowsAsync<RefusedException>(() => ServedShop.Start(follow: false, options: new ApiOptions { Url = $"http://127.0.0.1:{shop.Address.Port}" }));
        Assert.Contains($"port {shop.Address.Port} of 127.0.0.1 is taken", refused.Message, StringComparison.Ordinal);
        refused = await Assert.ThrowsAsync<RefusedException>(() => ServedShop.Start(follow: false, options: new ApiOptions { Url = "5080" }));
        Assert.Contains("expected http://HOST:PORT", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenApi_ListsEveryRoute()
    {
        await using var shop = await ServedShop.Start();
        var (status, document, _) = await shop.Get("/openapi/v1.json");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(["/", "/healthz", "/readyz", "/v1/decisions/{id}", "/v1/embeddings", "/v1/events", "/v1/items/{id}/similar", "/v1/models", "/v1/rank", "/v1/users/{id}"],
            document.GetProperty("paths").EnumerateObject().Select(path => path.Name).Order(StringComparer.Ordinal));
        var rank = document.GetProperty("paths").GetProperty("/v1/rank").GetProperty("post");
        Assert.Contains("RankBody", rank.GetProperty("requestBody").GetRawText(), StringComparison.Ordinal);
        Assert.Equal(["200", "400", "401", "403", "413", "415", "429", "503"], rank.GetProperty("responses").EnumerateObject().Select(response => response.Name).Order());
        Assert.Contains("price_micros", document.GetProperty("components").GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_Ready_StartPage()
    {
        await using var shop = await ServedShop.Start();
        Assert.Equal("ok", (await shop.Get("/healthz")).Body.GetProperty("status").GetString());
        var (status, ready, _) = await shop.Get("/readyz");
        Assert.Equal((HttpStatusCode.OK, "ready", 0L), (status, ready.GetProperty("status").GetString(), ready.GetProperty("lag").GetInt64()));
        Assert.Contains("/openapi/v1.json", (await shop.Get("/")).Body.GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ready_FollowerFaulted_Is503AndServingGoesOn()
    {
        await using var shop = await ServedShop.Start(follow: false);
        shop.Live.Follow(new KafkaConnection("127.0.0.1:1") { ConnectTimeout = TimeSpan.FromMilliseconds(200) });
        await Assert.ThrowsAsync<BrokersAwayException>(() => shop.Live.CaughtUp.WaitAsync(TimeSpan.FromSeconds(30)));
        var (status, ready, _) = await shop.Get("/readyz");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "faulted"), (status, ready.GetProperty("status").GetString()));
        Assert.NotEqual(0, (await shop.Rank("""{"user":"u1"}""")).GetProperty("slate").GetArrayLength());
    }

    [Fact]
    public async Task Similar_ByText_ByCoEngagement_OrNotFound()
    {
        await using (var shop = await ServedShop.Start())
        {
            var (_, answer, _) = await shop.Get("/v1/items/p05/similar?n=7");
            Assert.Equal(("embedding", 7), (answer.GetProperty("by").GetString(), answer.GetProperty("items").GetArrayLength()));
            var cosines = answer.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("similarity").GetDouble()).ToList();
            Assert.Equal(cosines.OrderDescending(), cosines);
            Assert.Equal(answer.GetProperty("items").GetRawText(), (await shop.Get("/v1/items/p05/similar?n=7")).Body.GetProperty("items").GetRawText());
            Assert.Equal(10, (await shop.Get("/v1/items/ad01/similar")).Body.GetProperty("items").GetArrayLength());
            Assert.Equal(HttpStatusCode.NotFound, (await shop.Get("/v1/items/nowhere/similar")).Status);
            foreach (var n in new[] { "0", "201", "x", "-1" }) Assert.Equal(HttpStatusCode.BadRequest, (await shop.Get($"/v1/items/p05/similar?n={n}")).Status);
        }
        await using var plain = await ServedShop.Start(withVectors: false);
        Assert.Equal("co_engagement", (await plain.Get("/v1/items/p05/similar")).Body.GetProperty("by").GetString());
        var ranked = await plain.Rank("""{"user":"u1"}""");
        Assert.Equal("no embeddings", ranked.GetProperty("degraded").GetString());
    }

    [Fact]
    public async Task Rank_WhileEventsArrive_NeverFails()
    {
        await using var shop = await ServedShop.Start();
        var posting = Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
                await shop.Post("/v1/events", $$"""{"type":"interaction","event_id":"w{{i}}","schema":1,"time":"2024-03-12T00:00:{{i % 60:00}}Z","user":"u{{i % 30}}","item":"p{{i % 60:00}}","action":"click"}""");
        });
        await Parallel.ForEachAsync(Enumerable.Range(0, 200), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
            Assert.Equal(20, (await shop.Rank($$"""{"user":"u{{i % 40}}"}""")).GetProperty("slate").GetArrayLength()));
        await posting;
        await shop.Folded(TinyShop.Facts.Count + 100);
    }
}
