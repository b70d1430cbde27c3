using System.Net.Http.Json;
using System.Runtime;
using Recs.Api;
using Recs.Api.Decisions;
using Recs.Api.Live;
using Recs.Domain.Decisions;
using Recs.Ingest;

namespace Recs.Pipelines.Bench.Api;

/// <summary>A server of this process with a broker and the decision ledger on, and a client that asks it over HTTP.</summary>
internal sealed class ServedBench : IAsyncDisposable
{
    private readonly EmbeddedBroker _broker;
    private readonly EventProducer _producer;
    private readonly DecisionLedger _ledger;
    private readonly ApiServer _server;
    private readonly HttpClient _client;

    private ServedBench(EmbeddedBroker broker, EventProducer producer, DecisionLedger ledger, ApiServer server) =>
        (_broker, _producer, _ledger, _server, _client) = (broker, producer, ledger, server, new(new SocketsHttpHandler { MaxConnectionsPerServer = 64 }) { BaseAddress = new Uri(server.Urls.First()) });

    /// <summary>Starts to serve a state.</summary>
    public static async Task<ServedBench> StartAsync(LiveState live, TimeProvider clock, CancellationToken cancel)
    {
        GCSettings.LatencyMode = GCLatencyMode.SustainedLowLatency; // as recs serve does
        var broker = new EmbeddedBroker();
        var producer = new EventProducer(broker.Connection, new ProducerOptions { Linger = TimeSpan.FromMilliseconds(5) }, clock);
        var ledger = new DecisionLedger(producer);
        return new(broker, producer, ledger, await ApiServer.StartAsync(new ApiOptions { Url = "http://127.0.0.1:0" }, live, producer, clock, ledger: ledger, cancel: cancel));
    }

    /// <summary>Asks for a slate.</summary>
    /// <returns>The status of the answer, and its body.</returns>
    public async Task<(int Status, byte[] Body)> Ask(int user, int places, CancellationToken cancel)
    {
        using var answer = await _client.PostAsJsonAsync("/v1/rank", new { user = ApiBenchWorld.User(user).Value, n = places }, cancel);
        return ((int)answer.StatusCode, await answer.Content.ReadAsByteArrayAsync(cancel));
    }

    /// <summary>What the ledger made of the decisions, once all are published; no answer may follow.</summary>
    public async Task<DecisionCounts> Published()
    {
        await _ledger.DisposeAsync();
        return _ledger.Counts;
    }

    /// <summary>One of the newest decisions, or null.</summary>
    public Decision? Find(string id) => _ledger.Find(id);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
        await _ledger.DisposeAsync();
        _producer.Dispose();
        _broker.Dispose();
    }
}
