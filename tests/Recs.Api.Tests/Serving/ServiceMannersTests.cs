using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Time.Testing;
using Recs.Api.Keys;
using Recs.Api.Serving;
using Recs.Domain;
using Recs.Ingest;

namespace Recs.Api.Tests.Serving;

public sealed class ServiceMannersTests
{
    [Fact]
    public async Task ServerTiming_WhenAsked_NamesEveryStage()
    {
        await using var shop = await ServedShop.Start(follow: false);
        using var plain = await shop.Send(HttpMethod.Post, "/v1/rank", """{"user":"u1"}""");
        Assert.False(plain.Headers.Contains("server-timing"));
        foreach (var asked in new[] { await shop.Send(HttpMethod.Post, "/v1/rank?timing=1", """{"user":"u1"}"""), await shop.Send(HttpMethod.Post, "/v1/rank", """{"user":"u1"}""", headers: ("x-recs-timing", "1")) })
            using (asked)
            {
                var parts = asked.Headers.GetValues("server-timing").Single().Split(", ").Select(part => part.Split(";dur=")).ToList();
                Assert.Equal(["queue", "sources", "filters", "features", "heads", "selection", "total"], parts.Select(part => part[0]));
                var took = parts.Select(part => double.Parse(part[1], CultureInfo.InvariantCulture)).ToList();
                Assert.InRange(took[..^1].Sum(), 0, took[^1] + 0.01);
                Assert.True(took[3] > 0, "features took no time");
            }
    }

    [Fact]
    public async Task Metrics_TellOfRankings()
    {
        await using var shop = await ServedShop.Start();
        await shop.Rank("""{"user":"a-user-of-metrics","candidates":["p01","nowhere"]}""");
        await shop.Rank("""{"user":"a-user-of-metrics"}""");
        await shop.Post("/v1/rank", "{");
        string text;
        // What is measured after an answer may come a moment later than the answer.
        var begun = TimeProvider.System.GetTimestamp();
        do text = (await shop.Get("/metrics")).Body.GetString()!;
        while (!text.Contains("most_wanted", StringComparison.Ordinal) && TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromSeconds(30) && await Paused());
        foreach (var metric in new[]
        {
            "recs_api_rank_duration_seconds_bucket", "recs_api_rank_stage_duration_seconds_count", "stage=\"features\"", "recs_api_rank_candidates_total", "source=\"most_wanted\"", "recs_api_rank_removed_total", "reason=\"unknown_item\"", "recs_api_rank_entries_sum",
            "recs_api_state_lag", "recs_api_state_ready", "recs_api_rank_waiting", "recs_api_refused_total", "status=\"400\"", "dotnet_process_memory_working_set",
        })
            Assert.True(text.Contains(metric, StringComparison.Ordinal), $"no {metric} in\n{text}");
        Assert.DoesNotContain("a-user-of-metrics", text, StringComparison.Ordinal);

        static async Task<bool> Paused()
        {
            await Task.Delay(5);
            return true;
        }
    }

    [Fact]
    public async Task Cors_OffByDefault_AndForTheNamedOriginsOnly()
    {
        await using (var shop = await ServedShop.Start(follow: false))
            using (var answer = await Preflight(shop, "https://shop.example")) Assert.False(answer.Headers.Contains("access-control-allow-origin"));
        await using var open = await ServedShop.Start(follow: false, options: ServedShop.Options with { CorsOrigins = ["https://shop.example"] });
        using (var answer = await Preflight(open, "https://shop.example")) Assert.Equal("https://shop.example", answer.Headers.GetValues("access-control-allow-origin").Single());
        using (var answer = await Preflight(open, "https://other.example")) Assert.False(answer.Headers.Contains("access-control-allow-origin"));
        using (var ranked = await open.Send(HttpMethod.Post, "/v1/rank", """{"user":"u1"}""", headers: ("origin", "https://shop.example"))) Assert.Equal("https://shop.example", ranked.Headers.GetValues("access-control-allow-origin").Single());
        foreach (var wrong in new[] { "*", "shop.example", "https://shop.example/", "ftp://shop.example" })
            Assert.Throws<RefusedException>(() => (ServedShop.Options with { CorsOrigins = [wrong] }).Validate());

        static Task<HttpResponseMessage> Preflight(ServedShop shop, string origin) =>
            shop.Send(HttpMethod.Options, "/v1/rank", headers: [("origin", origin), ("access-control-request-method", "POST"), ("access-control-request-headers", "content-type")]);
    }

    [Fact]
    public async Task Tls_CertificateOfAFile_Serves_AndABadOneIsRefused()
    {
        var folder = Directory.CreateTempSubdirectory("recs-api-tls-").FullName;
        try
        {
            var (pem, keyPem) = (Path.Combine(folder, "cert.pem"), Path.Combine(folder, "key.pem"));
            using (var key = ECDsa.Create(ECCurve.NamedCurves.nistP256))
            {
                var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
                using var made = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
                await File.WriteAllTextAsync(pem, made.ExportCertificatePem());
                await File.WriteAllTextAsync(keyPem, key.ExportPkcs8PrivateKeyPem());
            }
            var options = ServedShop.Options with { Url = "https://127.0.0.1:0", Certificate = pem, CertificateKey = keyPem };
            await using (var shop = await ServedShop.Start(follow: false, options: options))
            {
                using var trusting = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=localhost" };
                using var client = new HttpClient(trusting);
                Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(new Uri(shop.Address, "/healthz"))).StatusCode);
            }
            await Assert.ThrowsAsync<RefusedException>(() => ServedShop.Start(follow: false, options: options with { CertificateKey = pem }));
            Assert.Throws<RefusedException>(() => (options with { Certificate = null }).Validate());
            Assert.Throws<RefusedException>(() => (options with { Url = "http://127.0.0.1:0" }).Validate());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Overload_IsAnsweredOrToldToComeAgain_NothingElse()
    {
        await using var shop = await ServedShop.Start(follow: false, options: ServedShop.Options with { RankingsAtOnce = 1, RankingsWaiting = 1, Budget = TimeSpan.FromMilliseconds(20) });
        var met = new System.Collections.Concurrent.ConcurrentBag<HttpStatusCode>();
        await Parallel.ForEachAsync(Enumerable.Range(0, 400), new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (i, _) =>
        {
            using var answer = await shop.Send(HttpMethod.Post, "/v1/rank", $$"""{"user":"u{{i}}"}""");
            met.Add(answer.StatusCode);
            if (answer.StatusCode != HttpStatusCode.OK) Assert.Equal((HttpStatusCode.ServiceUnavailable, "1"), (answer.StatusCode, answer.Headers.RetryAfter?.ToString()));
        });
        Assert.Contains(HttpStatusCode.OK, met);
        using var after = await shop.Send(HttpMethod.Post, "/v1/rank", """{"user":"u1","deadline_ms":20}""");
        Assert.Equal(HttpStatusCode.OK, after.StatusCode);
    }

    [Fact]
    public async Task Drain_SaysNoFirst_ThenFinishes_ThenStops()
    {
        var clock = new FakeTimeProvider(TinyShop.End.ToDateTimeOffset());
        await using var live = LoadedShop.Load(clock: clock);
        using var broker = new EmbeddedBroker(eventPartitions: 1);
        using var producer = new EventProducer(broker.Connection);
        var server = await ApiServer.StartAsync(ServedShop.Options with { DrainDelay = TimeSpan.FromSeconds(5) }, live, producer, clock);
        using var client = new HttpClient { BaseAddress = new Uri(server.Urls.Single()) };
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/readyz")).StatusCode);
        var stopping = server.DisposeAsync().AsTask();
        using (var ready = await client.GetAsync("/readyz"))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
            Assert.Contains("draining", await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
        using (var content = new StringContent("""{"user":"u1"}""", System.Text.Encoding.UTF8, "application/json"))
        using (var ranked = await client.PostAsync("/v1/rank", content)) Assert.Equal(HttpStatusCode.OK, ranked.StatusCode);
        Assert.False(stopping.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(5));
        await stopping.WaitAsync(TimeSpan.FromSeconds(30));
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => client.GetAsync("/readyz"));
    }

    [Fact]
    public async Task Log_HoldsNoIdOfAPerson()
    {
        var log = new System.Collections.Concurrent.ConcurrentQueue<string>();
        var lines = new System.Collections.Concurrent.ConcurrentQueue<RequestLine>();
        var (admin, key) = ApiKey.Create(ApiScopes.Admin);
        await using var shop = await ServedShop.Start(follow: false, options: ServedShop.Options with { Keys = ApiKeyRing.Of(admin), Log = log.Enqueue, RequestLog = lines.Enqueue });
        using var answer = await shop.Send(HttpMethod.Delete, "/v1/users/a-person", key: key);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "1"), (answer.StatusCode, answer.Headers.RetryAfter!.ToString()));
        Assert.Contains("DELETE /v1/users/{id}", Assert.Single(log), StringComparison.Ordinal);
        Assert.DoesNotContain(log, line => line.Contains("a-person", StringComparison.Ordinal));
        // The line comes once the answer has left: the next request on the connection is behind it.
        using var next = await shop.Send(HttpMethod.Get, "/healthz");
        Assert.True(lines.TryPeek(out var line));
        Assert.Equal(("DELETE /v1/users/{id}", 503, admin.Id), (line.Route, line.Status, line.Key));
    }
}
