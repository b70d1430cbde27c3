using System.Globalization;
using System.Runtime;
using Recs.Api;
using Recs.Api.Decisions;
using Recs.Api.Live;
using Recs.Api.Serving;
using Recs.Embedder.Ecosystem;
using Recs.Ingest;
using Recs.Storage;

namespace Recs.Pipelines.Serve;

/// <summary>Serves a loaded state until told to stop.</summary>
internal static class ServingLoop
{
    private static readonly TimeSpan Check = TimeSpan.FromSeconds(1);

    /// <param name="verb">For the lines printed.</param>
    /// <param name="live">Loaded, not yet following.</param>
    /// <param name="connection">The stream to follow and to publish to.</param>
    /// <param name="topics">Its topics.</param>
    /// <param name="api">Where to listen.</param>
    /// <param name="embeddings">What answers <c>/v1/embeddings</c>, or null; it stays the caller's.</param>
    /// <param name="open">Opens the store that decisions are looked up in; null where it cannot be reached from here.</param>
    /// <param name="clock">The present.</param>
    /// <param name="erasure">What <c>DELETE /v1/users/{id}</c> does; it stays the caller's.</param>
    /// <param name="watches">Looked at once a second, one after the other.</param>
    /// <param name="stop">Ends it normally.</param>
    public static async Task Run(string verb, LiveState live, KafkaConnection connection, Topics topics, ApiOptions api,
        Llama4EmbeddingGenerator? embeddings, Func<IRecsStore>? open, TimeProvider clock, IUserErasure? erasure, IReadOnlyList<FileWatch> watches, CancellationToken stop)
    {
        using var producer = new EventProducer(connection, new ProducerOptions { Topics = topics, Linger = TimeSpan.FromMilliseconds(1) }, clock);
        using var kept = open?.Invoke();
        live.Follow(connection);
        await using var ledger = new DecisionLedger(producer, topics, stored: kept is null ? null : kept.FindDecision, log: api.Log, clock: clock);
        // The state is large and lives long: going over it happens beside the answers, never in their way.
        GCSettings.LatencyMode = GCLatencyMode.SustainedLowLatency;
        await using var server = await ApiServer.StartAsync(api, live, producer, clock, embeddings, ledger, erasure, stop);
        var loaded = live.Status;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{verb}: {loaded.Facts:N0} events up to {loaded.Newest}, model {live.Model.Version}, vectors {live.EmbeddingVersion}"));
        Console.WriteLine($"{verb}: listening on {string.Join(' ', server.Urls)}, following kafka {connection.BootstrapServers}; Ctrl-C ends it");
        string? told = null;
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(Check, CancellationToken.None).WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var watch in watches) watch.Look();
            // Stale answers are better than none: it goes on serving, and /readyz says so to whoever balances the load.
            if (live.Status.Fault is { } fault && fault != told) await Console.Error.WriteLineAsync($"recs {verb}: no longer following the stream: {told = fault}");
        }
        Console.WriteLine($"{verb}: stopped");
    }
}
