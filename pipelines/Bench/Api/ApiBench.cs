using System.Diagnostics;
using System.Net.Http.Json;
using Recs.Api;
using Recs.Api.Decisions;
using Recs.Api.Live;
using Recs.Domain;
using Recs.Domain.Items;
using Recs.Ingest;
using Recs.Ranker.Slates;

namespace Recs.Pipelines.Bench.Api;

/// <summary>How long answers take: in this process by one caller, and over HTTP under a steady load that does not wait for answers.</summary>
internal sealed class ApiBench(LiveState live, Timestamp now, int users, TimeProvider clock)
{
    private const int Places = 20;

    /// <summary>Requests that are not counted: code is compiled and caches filled by them.</summary>
    private const int Warming = 500;

    /// <summary>Every answer must come out the same twice, and again from its record.</summary>
    /// <exception cref="RefusedException">One did not.</exception>
    public void Check(int requests)
    {
        // The first answers compile the code, and a source may be late.
        for (var number = 0; number < Warming; number++) live.Rank(Request(number));
        for (var number = 0; number < requests; number++)
        {
            var request = Request(number) with { Explain = true };
            var (first, second) = (Text(live.Rank(request)), Text(live.Rank(request)));
            if (first != second) throw new RefusedException($"request {number} was answered in two ways: {first} and {second}");
            if (live.Rank(request).Candidates < 500) throw new RefusedException($"request {number} found {live.Rank(request).Candidates} candidates, fewer than 500");
        }
    }

    /// <summary>One caller in this process.</summary>
    /// <returns>Milliseconds, sorted, and bytes allocated by an answer on the caller's thread.</returns>
    public (double[] Milliseconds, double AllocatedBytes) InProcess(int requests, CancellationToken cancel)
    {
        var times = new double[requests];
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        for (var number = 0; number < requests; number++)
        {
            cancel.ThrowIfCancellationRequested();
            var request = Request(Warming + number);
            var begun = Stopwatch.GetTimestamp();
            live.Rank(request);
            times[number] = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
        }
        var bytes = (GC.GetAllocatedBytesForCurrentThread() - allocated) / (double)requests;
        Array.Sort(times);
        return (times, bytes);
    }

    /// <summary>Over HTTP, a request every 1 / <paramref name="rate"/> seconds whether or not the one before was answered: time counts from when it was due.</summary>
    public async Task<HttpLoad> Http(int rate, int seconds, CancellationToken cancel)
    {
        using var broker = new EmbeddedBroker();
        using var producer = new EventProducer(broker.Connection, new ProducerOptions { Linger = TimeSpan.FromMilliseconds(5) }, clock);
        await using var ledger = new DecisionLedger(producer);
        await using var server = await ApiServer.StartAsync(new ApiOptions { Url = "http://127.0.0.1:0" }, live, producer, clock, ledger: ledger, cancel: cancel);
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 64 }) { BaseAddress = new Uri(server.Urls.First()) };
        for (var number = 0; number < Warming; number++) await Ask(http, number, cancel);
        var answers = new Task<(double Milliseconds, int Status, bool IsWhole)>[rate * seconds];
        var begun = Stopwatch.GetTimestamp();
        for (var number = 0; number < answers.Length; number++)
        {
            var due = TimeSpan.FromSeconds((double)number / rate);
            if (due - Stopwatch.GetElapsedTime(begun) is var ahead && ahead > TimeSpan.Zero) await Task.Delay(ahead, cancel);
            answers[number] = Timed(http, Warming + number, begun, due, cancel);
        }
        var all = await Task.WhenAll(answers);
        await ledger.DisposeAsync();
        return new([.. all.Where(answer => answer.Status == 200).Select(answer => answer.Milliseconds).Order()], all.Count(answer => answer.Status != 200), all.Count(answer => answer is { Status: 200, IsWhole: false }), ledger.Counts);
    }

    private static async Task<(double, int, bool)> Timed(HttpClient http, int number, long begun, TimeSpan due, CancellationToken cancel)
    {
        var (status, whole) = await Ask(http, number, cancel);
        return ((Stopwatch.GetElapsedTime(begun) - due).TotalMilliseconds, status, whole);
    }

    private static async Task<(int Status, bool IsWhole)> Ask(HttpClient http, int number, CancellationToken cancel)
    {
        using var answer = await http.PostAsJsonAsync("/v1/rank", new { user = ApiBenchWorld.User(number % 2_000).Value, n = Places }, cancel);
        var body = await answer.Content.ReadAsStringAsync(cancel);
        return ((int)answer.StatusCode, body.Contains("\"degraded\":\"none\"", StringComparison.Ordinal));
    }

    private RankRequest Request(int number) => new(ApiBenchWorld.User(number % users), "home", Places, [ItemKind.Content, ItemKind.Ad], null, Explain: false, now.Plus(TimeSpan.FromMilliseconds(number)));

    private static string Text(Slate slate) => string.Join(' ', slate.Entries.Select(entry => $"{entry.Item} {entry.Score:R} {entry.Ad?.PriceMicros}")) + slate.Candidates;
}

/// <summary>What the load over HTTP found.</summary>
/// <param name="Milliseconds">Of the answers with status 200, sorted.</param>
/// <param name="Refused">Answers with another status.</param>
/// <param name="Degraded">Answers that did without something.</param>
/// <param name="Decisions">What the ledger made of them.</param>
internal sealed record HttpLoad(double[] Milliseconds, int Refused, int Degraded, DecisionCounts Decisions);
