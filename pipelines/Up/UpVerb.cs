using System.CommandLine;
using System.Globalization;
using Recs.Api;
using Recs.Api.Live;
using Recs.Domain;
using Recs.Ingest;
using Recs.Pipelines.CommandLine;
using Recs.Pipelines.Ingest;
using Recs.Pipelines.Serve;
using Recs.Ranker.Model;
using Recs.Storage;

namespace Recs.Pipelines.Up;

/// <summary><c>recs up</c>: broker, ingest and server in one process, until Ctrl-C.</summary>
internal static class UpVerb
{
    public static Command Create(TimeProvider clock)
    {
        var kafka = new KafkaOptions(embedded: true);
        var serve = new ServeOptions();
        return Verb.Create("up", "Ingests and serves in one process, with brokers of its own unless --kafka names some.", [.. kafka.All, .. serve.All], async (parsed, cancel) =>
        {
            var (topics, api) = (kafka.Topics(parsed), serve.Api(parsed));
            var model = RankerModel.Load(serve.Model(parsed));
            ApiServer.RequireFreePort(api);
            using var telemetry = serve.Telemetry(parsed);
            using var embeddings = serve.Embedder(parsed);
            using var broker = kafka.AreNamed(parsed) ? null : new EmbeddedBroker(topics);
            var connection = broker?.Connection ?? kafka.Connection(parsed);
            var ingest = new IngestOptions { Topics = topics, Group = Group(broker, clock), Seed = Environment.ProcessId };
            using var store = EventStore.Open(serve.Database(parsed));
            store.Migrate();
            await TopicCreation.EnsureAsync(connection, topics, [.. topics.OfIngest, topics.Decisions]);
            // The state is loaded before ingest starts: the store belongs to one of them at a time.
            await using var live = LiveState.Load(store, model, new LiveStateOptions { Group = ingest.Group, Topics = topics, Policy = serve.Policy(parsed), Log = Console.Error.WriteLine }, clock);
            serve.UseShadow(parsed, live, store);
            var watches = serve.Watches(parsed, live);
            using var erasure = new StoreErasure(serve.Database(parsed), clock);

            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            var ingesting = new EventConsumer(connection, store, ingest, clock).RunAsync(stop.Token);
            IRecsStore Open() => EventStore.Open(serve.Database(parsed));
            var decisions = Open();
            var keeping = new DecisionKeeper(connection, () => decisions, topics, clock: clock) { Log = Console.Error.WriteLine }.RunAsync(stop.Token);
            var serving = ServingLoop.Run("up", live, connection, topics, api, embeddings, Open, clock, erasure,
                watches, stop.Token);
            await Task.WhenAny(ingesting, keeping, serving);
            await stop.CancelAsync(); // when one of them ends, so do the others
            await Task.WhenAll(ingesting, keeping, serving);
            return 0;
        });
    }

    // Embedded brokers begin at offset 0 with every start, so the offsets of an earlier run must not be taken for this one's.
    private static string Group(EmbeddedBroker? broker, TimeProvider clock) =>
        broker is null ? new IngestOptions().Group : string.Create(CultureInfo.InvariantCulture, $"recs-up-{Timestamp.Now(clock).Milliseconds}");
}
