using System.Text;

namespace Recs.Api.Tests.Serving;

public sealed class BadClientTests(RankEndpointTests.One one) : IClassFixture<RankEndpointTests.One>
{
    private readonly ServedShop _shop = one.Shop;

    [Fact]
    public async Task HeaderFlood_TooManyOrTooLong_Is431()
    {
        foreach (var headers in new[] { string.Concat(Enumerable.Range(0, 1_000).Select(i => $"x-{i}: y\r\n")), $"x: {new string('y', 1 << 20)}\r\n" })
        {
            using var client = new RawConnection(_shop.Address);
            try
            {
                await client.Send($"POST /v1/rank HTTP/1.1\r\nhost: x\r\n{headers}\r\n");
            }
            catch (IOException)
            {
                // closed while it sends
            }
            Assert.StartsWith("HTTP/1.1 431", await client.ReadToEnd(), StringComparison.Ordinal);
        }
        await _shop.Rank("""{"user":"u1"}""");
    }

    [Theory]
    [InlineData("GET / HTTP/9.9\r\n\r\n", 505)]
    [InlineData("\0\u0001\u0002\r\n\r\n", 400)]
    [InlineData("POST /v1/rank HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n", 400)]
    [InlineData("POST /v1/rank HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\ncontent-type: application/json\r\nconnection: close\r\n\r\nzz\r\n", 400)]
    [InlineData("POST /v1/rank HTTP/1.1\r\nhost: x\r\ncontent-length: 999999999999\r\ncontent-type: application/json\r\n\r\n", 413)]
    public async Task BrokenHttp_IsRefused(string bytes, int status)
    {
        using var client = new RawConnection(_shop.Address);
        await client.Send(bytes);
        Assert.StartsWith($"HTTP/1.1 {status}", await client.ReadToEnd(), StringComparison.Ordinal);
        await _shop.Rank("""{"user":"u1"}""");
    }

    [Fact]
    public async Task SlowClient_HeadersOrBody_IsGivenUp()
    {
        await using var shop = await ServedShop.Start(follow: false, options: ServedShop.Options with { HeadersTime = TimeSpan.FromSeconds(1), SlowGrace = TimeSpan.FromSeconds(2) });
        using var headers = new RawConnection(shop.Address);
        using var body = new RawConnection(shop.Address);
        await headers.Send("POST /v1/rank HTTP/1.1\r\nhost: x\r\ncontent-");
        await body.Send("POST /v1/rank HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{\"user\":");
        Assert.StartsWith("HTTP/1.1 408", await headers.ReadToEnd(), StringComparison.Ordinal);
        var answer = await body.ReadToEnd();
        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
        Assert.Contains("application/problem+json", answer, StringComparison.Ordinal);
        await shop.Rank("""{"user":"u1"}""");
    }

    [Fact]
    public async Task DeepJson_AnyField_Is400()
    {
        foreach (var depth in new[] { 17, 1_000, 1_000_000 })
        {
            var nest = new string('[', depth) + new string(']', depth);
            foreach (var body in new[] { nest, $$"""{"user":"u","candidates":{{nest}}}""", $$"""{"user":"u","unknown":{{nest}}}""" })
                Assert.Equal(400, (int)(await _shop.Post("/v1/rank", body)).Status);
            Assert.Equal(400, (int)(await _shop.Post("/v1/events", nest)).Status);
        }
        await _shop.Rank("""{"user":"u1"}""");
    }

    [Fact]
    public async Task Oversized_MemoryStaysWithinTheLimit()
    {
        // Ten bodies of eight times the limit each: kept whole, they would be 640 MiB.
        var body = $$"""{"user":"{{new string('x', 60 << 20)}}"}""";
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var bytes = Encoding.UTF8.GetBytes(body);
        for (var i = 0; i < 3; i++)
        {
            using var content = new ByteArrayContent(bytes);
            content.Headers.ContentType = new("application/json");
            using var client = new HttpClient();
            using var answer = await client.PostAsync(new Uri(_shop.Address, "/v1/rank"), content);
            Assert.Equal(413, (int)answer.StatusCode);
        }
        // Other tests allocate in this process too, but not this much.
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 150L << 20);
    }

    [Fact]
    public async Task Surfaces_OnlyTheKnown()
    {
        await using var shop = await ServedShop.Start(follow: false, options: ServedShop.Options with { Surfaces = ["home", "product"] });
        var (status, body, _) = await shop.Post("/v1/rank", """{"user":"u","surface":"hom"}""");
        Assert.Equal((400, "surface is 'hom', which is not known here; known are home, product"), ((int)status, body.GetProperty("detail").GetString()));
        await shop.Rank("""{"user":"u"}""");
    }
}
