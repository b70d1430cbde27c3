using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Recs.Api.Live;
using Recs.Domain.Events;
using Recs.Ingest;
using Recs.Ranker.Model;
using Recs.Storage;

namespace Recs.Api.Tests;

/// <summary>The tiny shop behind a real server on a free port, with brokers of its own.</summary>
internal sealed class ServedShop : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly EmbeddedBroker _broker;
    private readonly HttpClient _client = new() { Timeout = Patience };
    private readonly EventProducer _producer;
    private readonly ApiServer _server;

    private ServedShop(EmbeddedBroker broker, LiveState live, EventProducer producer, ApiServer server)
    {
        (_broker, Live, _producer, _server) = (broker, live, producer, server);
        _client.BaseAddress = new Uri(server.Urls.Single());
    }

    public LiveState Live { get; }

    public Uri Address => _client.BaseAddress!;

    public static async Task<ServedShop> Start(bool withVectors = true, bool follow = true, ApiOptions? options = null, LiveStateOptions? state = null,
        IEmbeddingGenerator<string, Embedding<float>>? embeddings = null, TimeProvider? clock = null, IReadOnlyList<Fact>? facts = null, RankerModel? model = null)
    {
        clock ??= new ShiftedClock(TinyShop.End.ToDateTimeOffset());
        var broker = new EmbeddedBroker(eventPartitions: 2);
        LiveState live;
        using (var store = EventStore.Open("duckdb::memory:"))
        {
            store.Migrate();
            store.Append(new AppendBatch(facts ?? TinyShop.Facts, [], []));
            if (withVectors) store.SaveEmbeddings(TinyShop.Embeddings);
            live = LiveState.Load(store, model ?? TinyShop.Model, state, clock);
        }
        var producer = new EventProducer(broker.Connection, new ProducerOptions { Linger = TimeSpan.FromMilliseconds(1) }, clock);
        if (follow)
        {
            live.Follow(broker.Connection);
            await live.CaughtUp.WaitAsync(Patience);
        }
        return new(broker, live, producer, await ApiServer.StartAsync(options ?? new ApiOptions { Url = "http://127.0.0.1:0" }, live, producer, clock, embeddings));
    }

    public async Task<(HttpStatusCode Status, JsonElement Body, string? Type)> Get(string path) => await Read(await _client.GetAsync(path));

    public async Task<(HttpStatusCode Status, JsonElement Body, string? Type)> Post(string path, string body, string type = "application/json")
    {
        using var content = new StringContent(body, Encoding.UTF8, type);
        return await Read(await _client.PostAsync(path, content));
    }

    public async Task<JsonElement> Rank(string body)
    {
        var (status, answer, _) = await Post("/v1/rank", body);
        Assert.Equal(HttpStatusCode.OK, status);
        return answer;
    }

    /// <summary>Waits until <paramref name="facts"/> events are folded in.</summary>
    public async Task Folded(long facts)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while ((await Get("/readyz")).Body.GetProperty("facts").GetInt64() < facts)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < Patience, "the state stands still");
            await Task.Delay(5);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
        await Live.DisposeAsync();
        _producer.Dispose();
        _broker.Dispose();
    }

    private static async Task<(HttpStatusCode, JsonElement, string?)> Read(HttpResponseMessage response)
    {
        using (response)
        {
            var text = await response.Content.ReadAsStringAsync();
            var type = response.Content.Headers.ContentType?.MediaType;
            return (response.StatusCode, type?.EndsWith("json", StringComparison.Ordinal) == true ? JsonDocument.Parse(text).RootElement : JsonSerializer.SerializeToElement(text), type);
        }
    }
}
