using System.Diagnostics;
using System.Text.Json;
using Recs.Api.Decisions;
using Recs.Api.Live;
using Recs.Domain;
using Recs.Domain.Items;
using Recs.Ranker.Slates;

namespace Recs.Pipelines.Bench.Api;

/// <summary>How long answers take: in this process by one caller, and over HTTP under a steady load that does not wait for answers.</summary>
internal sealed class ApiBench(LiveState live, Timestamp now, int users, TimeProvider clock)
{
    private const int Places = 20;

    /// <summary>Requests that are not counted: code is compiled and caches filled by them.</summary>
    private const int Warming = 500;

    /// <summary>Requests over HTTP before the clock starts: the server's code is compiled anew while it is used first, and that took a sixth of the processors in the first seconds.</summary>
    private const int ServedWarming = 4_000;

    /// <summary>Every answer must come out the same twice, and over HTTP again from its record, byte for byte.</summary>
    /// <exception cref="RefusedException">One did not.</exception>
    public async Task Check(int requests, CancellationToken cancel)
    {
        // As a server does before it says that it is ready; and the first answers compile the code.
        live.Vectors?.Prepare(cancel);
        for (var number = 0; number < Warming; number++) live.Rank(Request(number));
        for (var number = 0; number < requests; number++)
        {
            var slate = Whole(number);
            var (first, second) = (Text(slate), Text(Whole(number)));
            if (first != second) throw new RefusedException($"request {number} was answered in two ways: {first} and {second}");
            if (slate.Candidates < 500) throw new RefusedException($"request {number} found {slate.Candidates} candidates, fewer than 500");
        }

        await using var served = await ServedBench.StartAsync(live, clock, cancel);
        List<byte[]> answers = [];
        for (var number = 0; number < requests; number++) answers.Add((await served.Ask(number % users, Places, cancel)).Body);
        await served.Published();
        foreach (var answer in answers)
        {
            var id = JsonDocument.Parse(answer).RootElement.GetProperty("decision_id").GetString()!;
            var kept = served.Find(id) ?? throw new RefusedException($"decision {id} was answered and is not in the ledger");
            if (!kept.Answer.AsSpan().SequenceEqual(answer)) throw new RefusedException($"decision {id} is kept with another answer than was given");
            if (!DecisionRecord.Replay(kept, live.Model).IsEqual) throw new RefusedException($"decision {id} comes out in another way from its record");
        }
    }

    /// <summary>One caller in this process.</summary>
    /// <returns>Milliseconds, sorted, and bytes allocated by an answer, on any thread.</returns>
    public (double[] Milliseconds, double AllocatedBytes) InProcess(int requests, CancellationToken cancel)
    {
        var times = new double[requests];
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        for (var number = 0; number < requests; number++)
        {
            cancel.ThrowIfCancellationRequested();
            var request = Request(Warming + number);
            var begun = Stopwatch.GetTimestamp();
            live.Rank(request);
            times[number] = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
        }
        var bytes = (GC.GetTotalAllocatedBytes(precise: true) - allocated) / (double)requests;
        Array.Sort(times);
        return (times, bytes);
    }

    /// <summary>Over HTTP, a request every 1 / <paramref name="rate"/> seconds whether or not the one before was answered: time counts from when it was due, or sent where that was earlier.</summary>
    public async Task<HttpLoad> Http(int rate, int seconds, CancellationToken cancel)
    {
        await using var served = await ServedBench.StartAsync(live, clock, cancel);
        for (var number = 0; number < ServedWarming; number++) await Ask(served, number, cancel);
        var (processor, paused, collections) = (Environment.CpuUsage.TotalTime, GC.GetTotalPauseDuration(), GC.CollectionCount(0));
        var answers = new Task<(double Milliseconds, int Status, bool IsWhole)>[rate * seconds];
        // A thread of its own: continuations of the server's thread pool would be late for the next request, and that would be counted as the server's time.
        await Task.Factory.StartNew(() => Send(served, rate, answers, cancel), cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var all = await Task.WhenAll(answers);
        return new([.. all.Where(answer => answer.Status == 200).Select(answer => answer.Milliseconds).Order()], all.Count(answer => answer.Status != 200), all.Count(answer => answer is { Status: 200, IsWhole: false }), await served.Published())
        {
            ProcessorMilliseconds = (Environment.CpuUsage.TotalTime - processor).TotalMilliseconds / answers.Length,
            Collections = GC.CollectionCount(0) - collections,
            PausedMilliseconds = (GC.GetTotalPauseDuration() - paused).TotalMilliseconds,
        };
    }

    private void Send(ServedBench served, int rate, Task<(double Milliseconds, int Status, bool IsWhole)>[] answers, CancellationToken cancel)
    {
        var begun = Stopwatch.GetTimestamp();
        for (var number = 0; number < answers.Length; number++)
        {
            cancel.ThrowIfCancellationRequested();
            var due = TimeSpan.FromSeconds((double)number / rate);
            // Sleep knows whole milliseconds: up to half of one too early or too late.
            if (Math.Round((due - Stopwatch.GetElapsedTime(begun)).TotalMilliseconds) is var ahead and > 0) Thread.Sleep((int)ahead);
            answers[number] = Timed(served, ServedWarming + number, begun, due, cancel);
        }
    }

    private async Task<(double, int, bool)> Timed(ServedBench served, int number, long begun, TimeSpan due, CancellationToken cancel)
    {
        var sent = Stopwatch.GetElapsedTime(begun);
        var (status, whole) = await Ask(served, number, cancel);
        return ((Stopwatch.GetElapsedTime(begun) - (sent < due ? sent : due)).TotalMilliseconds, status, whole);
    }

    private async Task<(int Status, bool IsWhole)> Ask(ServedBench served, int number, CancellationToken cancel)
    {
        var (status, body) = await served.Ask(number % users, Places, cancel);
        return (status, body.AsSpan().IndexOf("\"degraded\":\"none\""u8) >= 0);
    }

    // A source that was late, as on a busy machine, makes another answer: what is compared is one of all sources.
    private Slate Whole(int number)
    {
        for (var tries = 0; tries < 20; tries++)
            if (live.Rank(Request(number)) is { SkippedSources.Count: 0 } slate) return slate;
        throw new RefusedException($"request {number} had a source that failed or was late 20 times: this machine is too busy to measure on");
    }

    private RankRequest Request(int number) => new(ApiBenchWorld.User(number % users), "home", Places, [ItemKind.Content, ItemKind.Ad], null, Explain: false, now.Plus(TimeSpan.FromMilliseconds(number)));

    private static string Text(Slate slate) => string.Join(' ', slate.Entries.Select(entry => $"{entry.Item} {entry.Score:R} {entry.Ad?.PriceMicros}")) + slate.Candidates;
}

/// <summary>What the load over HTTP found.</summary>
/// <param name="Milliseconds">Of the answers with status 200, sorted.</param>
/// <param name="Refused">Answers with another status.</param>
/// <param name="Degraded">Answers that did without something.</param>
/// <param name="Decisions">What the ledger made of them.</param>
internal sealed record HttpLoad(double[] Milliseconds, int Refused, int Degraded, DecisionCounts Decisions)
{
    /// <summary>Time on processors by an answer: server, ledger, broker and client.</summary>
    public double ProcessorMilliseconds { get; init; }

    /// <summary>Garbage collections of any generation meanwhile.</summary>
    public int Collections { get; init; }

    /// <summary>How long they stopped everything, in all.</summary>
    public double PausedMilliseconds { get; init; }
}
