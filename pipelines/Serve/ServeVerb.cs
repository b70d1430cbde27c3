using System.CommandLine;
using Recs.Api;
using Recs.Api.Live;
using Recs.Ingest;
using Recs.Pipelines.CommandLine;
using Recs.Pipelines.Ingest;
using Recs.Ranker.Model;
using Recs.Storage;

namespace Recs.Pipelines.Serve;

/// <summary><c>recs serve</c>: answers over HTTP from what the store holds and the stream brings, until Ctrl-C.</summary>
internal static class ServeVerb
{
    public static Command Create(TimeProvider clock)
    {
        var kafka = new KafkaOptions();
        var serve = new ServeOptions();
        var group = new Option<string>("--group")
        {
            Description = "The group under which ingest keeps its offsets in the store.",
            HelpName = "NAME",
            DefaultValueFactory = _ => new IngestOptions().Group,
        };
        return Verb.Create("serve", "Serves ranked slates over HTTP, fresh from the stream.", [.. kafka.All, .. serve.All, group], async (parsed, cancel) =>
        {
            var (topics, api) = (kafka.Topics(parsed), serve.Api(parsed));
            var model = RankerModel.Load(serve.Model(parsed));
            ApiServer.RequireFreePort(api);
            using var telemetry = serve.Telemetry(parsed);
            using var embeddings = serve.Embedder(parsed);
            using var store = EventStore.Open(serve.Database(parsed));
            store.Migrate();
            await using var live = LiveState.Load(store, model, new LiveStateOptions { Group = parsed.GetValue(group)!, Topics = topics, Policy = serve.Policy(parsed), Log = Console.Error.WriteLine }, clock);
            serve.UseShadow(parsed, live, store);
            var watches = serve.Watches(parsed, live);
            store.Dispose(); // everything is in memory now; a DuckDB file is free for another process
            var url = serve.Database(parsed);
            await TopicCreation.EnsureAsync(kafka.Connection(parsed), topics, [topics.Decisions]);
            using var erasure = new StoreErasure(url, clock);
            await ServingLoop.Run("serve", live, kafka.Connection(parsed), topics, api, embeddings, StoreOption.IsFile(url) ? null : () => EventStore.Open(url), clock, erasure,
                watches, cancel);
            return 0;
        });
    }
}
