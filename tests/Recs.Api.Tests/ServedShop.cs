using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Recs.Api.Live;
using Recs.Api.Ranking;
using Recs.Api.Serving;
using Recs.Domain.Events;
using Recs.Ingest;
using Recs.Ranker.Model;

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
        _client.BaseAddress = new Uri(server.Urls.First());
    }

    /// <summary>A free port, and time enough on any machine.</summary>
    public static ApiOptions Options { get; } = new() { Url = "http://127.0.0.1:0", Budget = TimeSpan.FromMinutes(1) };

    public LiveState Live { get; }

    public ApiServer Server => _server;

    /// <summary>The shop's brokers.</summary>
    public KafkaConnection Brokers => _broker.Connection;

    /// <summary>Sends as it is, with the key where there is one.</summary>
    public async Task<HttpResponseMessage> Send(HttpMethod method, string path, string? body = null, string? key = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        if (key is not null) request.Headers.Authorization = new("Bearer", key);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await _client.SendAsync(request);
    }

    public Uri Address => _client.BaseAddress!;

    public static async Task<ServedShop> Start(bool withVectors = true, bool follow = true, ApiOptions? options = null, LiveStateOptions? state = null,
        IEmbeddingGenerator<string, Embedding<float>>? embeddings = null, IDecisionLedger? ledger = null, IUserErasure? erasure = null, TimeProvider? clock = null, IReadOnlyList<Fact>? facts = null, RankerModel? model = null)
    {
        clock ??= new ShiftedClock(TinyShop.End.ToDateTimeOffset());
        var broker = new EmbeddedBroker(eventPartitions: 2);
        var live = LoadedShop.Load(withVectors, state, clock, facts, model);
        var producer = new EventProducer(broker.Connection, new ProducerOptions { Linger = TimeSpan.FromMilliseconds(1) }, clock);
        if (follow)
        {
            live.Follow(broker.Connection);
            await live.CaughtUp.WaitAsync(Patience);
            await live.Warm.WaitAsync(Patience);
        }
        return new(broker, live, producer, await ApiServer.StartAsync(options ?? Options, live, producer, clock, embeddings, ledger, erasure));
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

    public static async Task<(HttpStatusCode Status, JsonElement Body, string? Type)> Read(HttpResponseMessage response)
    {
        using (response)
        {
            var text = await response.Content.ReadAsStringAsync();
            var type = response.Content.Headers.ContentType?.MediaType;
            return (response.StatusCode, type?.EndsWith("json", StringComparison.Ordinal) == true ? JsonDocument.Parse(text).RootElement : JsonSerializer.SerializeToElement(text), type);
        }
    }
}
