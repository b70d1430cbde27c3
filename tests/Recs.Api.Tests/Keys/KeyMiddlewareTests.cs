using System.Net;
using Recs.Api.Keys;
using Recs.Api.Serving;
using Recs.Domain;

namespace Recs.Api.Tests.Keys;

public sealed class KeyMiddlewareTests
{
    private const string Rank = """{"user":"u3"}""", Event = """{"type":"interaction","event_id":"k1","schema":1,"time":"2024-03-12T00:00:01Z","user":"u3","item":"p01","action":"click"}""";

    private readonly (ApiKey Kept, string Key) _rank = ApiKey.Create(ApiScopes.Rank), _events = ApiKey.Create(ApiScopes.Events), _admin = ApiKey.Create(ApiScopes.Admin), _slow = Slow();

    [Fact]
    public async Task Routes_AskForTheirScope()
    {
        await using var shop = await Start();
        foreach (var (method, path, body, needs) in new[]
        {
            (HttpMethod.Post, "/v1/rank", Rank, ApiScopes.Rank), (HttpMethod.Get, "/v1/items/p01/similar", null, ApiScopes.Rank), (HttpMethod.Get, "/v1/models", null, ApiScopes.Rank),
            (HttpMethod.Post, "/v1/events", Event, ApiScopes.Events), (HttpMethod.Delete, "/v1/users/u7", null, ApiScopes.Admin), (HttpMethod.Get, "/metrics", null, ApiScopes.Admin),
        })
        {
            await Refused(401, shop, method, path, body, null);
            await Refused(401, shop, method, path, body, ApiKey.Create(ApiScopes.Admin).Key);
            foreach (var (kept, key) in new[] { _rank, _events, _admin })
                if (!kept.May(needs)) await Refused(403, shop, method, path, body, key);
                else
                    using (var answer = await shop.Send(method, path, body, key)) Assert.True(answer.IsSuccessStatusCode, $"{path}: {answer.StatusCode}");
        }
        foreach (var open in new[] { "/", "/healthz", "/readyz", "/openapi/v1.json" })
            using (var answer = await shop.Send(HttpMethod.Get, open)) Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using var other = await shop.Send(HttpMethod.Get, "/v1/models", headers: ("x-api-key", _rank.Key));
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task Time_WithAnAdminKey_RanksAsOfThen()
    {
        await using var shop = await Start();
        const string then = """{"user":"u3","time":"2024-03-01T00:00:00Z"}""";
        await Refused(403, shop, HttpMethod.Post, "/v1/rank", then, _rank.Key);
        using var answer = await shop.Send(HttpMethod.Post, "/v1/rank", then, _admin.Key);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await Refused(400, shop, HttpMethod.Post, "/v1/rank", """{"user":"u3","time":"yesterday"}""", _admin.Key);
    }

    [Fact]
    public async Task Rate_OfOneKey_IsHeldAndOthersGoOn()
    {
        await using var shop = await Start();
        // Twice the rate at once; what comes back meanwhile lets a few more through.
        var refused = 0;
        for (var i = 0; i < 50; i++)
        {
            using var answer = await shop.Send(HttpMethod.Get, "/v1/models", key: _slow.Key);
            if (answer.StatusCode != HttpStatusCode.TooManyRequests) continue;
            Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 10);
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
            refused++;
        }
        Assert.InRange(refused, 1, 48);
        using var other = await shop.Send(HttpMethod.Get, "/v1/models", key: _rank.Key);
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task NoKeys_OpenOnThisMachine_ButNothingIsAnAdmins()
    {
        await using var shop = await ServedShop.Start(follow: false);
        using var answer = await shop.Send(HttpMethod.Delete, "/v1/users/u7");
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public void Open_ToOtherMachines_NeedsKeysOrAWord()
    {
        var options = new ApiOptions { Url = "http://0.0.0.0:0" };
        Assert.Contains("no API keys", Assert.Throws<RefusedException>(() => options.Validate()).Message, StringComparison.Ordinal);
        Assert.Throws<RefusedException>(() => (options with { Url = "http://127.0.0.1:0", GrpcUrl = "http://[::]:0" }).Validate());
        Assert.NotNull((options with { AllowWithoutKeys = true }).Validate());
        Assert.NotNull((options with { Keys = ApiKeyRing.Of() }).Validate());
    }

    [Fact]
    public async Task Erase_TellsWhatWasTouched_AndForgets()
    {
        await using var shop = await Start();
        using var answer = await shop.Send(HttpMethod.Delete, "/v1/users/u3", key: _admin.Key);
        var (status, body, _) = await ServedShop.Read(answer);
        Assert.Equal((HttpStatusCode.OK, 7L, "a test's store"), (status, body.GetProperty("rows").GetProperty("fact").GetInt64(), body.GetProperty("store").GetString()));
        Assert.DoesNotContain("u3", body.GetRawText(), StringComparison.Ordinal);
    }

    private static (ApiKey, string) Slow()
    {
        var (kept, key) = ApiKey.Create(ApiScopes.Rank);
        return (kept with { RequestsPerSecond = 1 }, key);
    }

    private Task<ServedShop> Start() => ServedShop.Start(follow: false, erasure: new Eraser(),
        options: ServedShop.Options with { Keys = ApiKeyRing.Of(_rank.Kept, _events.Kept, _admin.Kept, _slow.Kept) });

    private static async Task Refused(int status, ServedShop shop, HttpMethod method, string path, string? body, string? key)
    {
        using var answer = await shop.Send(method, path, body, key);
        Assert.Equal((status, "application/problem+json"), ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        Assert.Equal(status == 401, answer.Headers.WwwAuthenticate.Count > 0);
    }

    private sealed class Eraser : IUserErasure
    {
        public Task<ErasedUser> EraseAsync(UserId user, CancellationToken cancel) => Task.FromResult(new ErasedUser("a test's store", new Dictionary<string, long> { ["fact"] = 7 }));
    }
}
