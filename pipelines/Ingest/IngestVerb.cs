using System.CommandLine;
using Recs.Domain;
using Recs.Ingest;
using Recs.Pipelines.CommandLine;
using Recs.Pipelines.Telemetry;
using Recs.Storage;

namespace Recs.Pipelines.Ingest;

/// <summary><c>recs ingest</c>: from the stream into the store, until Ctrl-C or, with <c>--once</c>, until caught up.</summary>
internal static class IngestVerb
{
    /// <summary>Stopping takes less than five seconds in all.</summary>
    private static readonly TimeSpan LastSnapshot = TimeSpan.FromSeconds(3);

    public static Command Create(TimeProvider clock)
    {
        var kafka = new KafkaOptions();
        var db = StoreOption.Create();
        var group = new Option<string>("--group")
        {
            Description = "Names the offsets in the store, and the consumer group.",
            HelpName = "NAME",
            DefaultValueFactory = _ => new IngestOptions().Group,
        };
        var protocol = new Option<string?>("--group-protocol")
        {
            Description = "none: this process reads all partitions (the only way with DuckDB, and the default there); classic: shared by a consumer group (default with PostgreSQL); "
                + "consumer: by a KIP-848 group (Kafka 4.0 and later).",
        };
        protocol.AcceptOnlyFromAmong("none", "classic", "consumer");
        var reset = new Option<string?>("--reset")
        {
            Description = "Where to go on when the store's position is not on the stream any more, and where to begin in partitions that the group has never read: earliest, latest, "
                + "timestamp=ISO-8601 or offset=N (the first of these two cases only). Applies once, at the start; positions that are on the stream stay. What is left out is kept on record (recs state shows it). "
                + "Without it the first is refused and the second begins at the oldest message.",
            HelpName = "WHERE",
        };
        reset.Validators.Add(result =>
        {
            try
            {
                if (result.Tokens is [{ Value: var text }]) OffsetReset.Parse(text);
            }
            catch (RefusedException refused)
            {
                result.AddError($"--reset: {refused.Message}");
            }
        });
        var copy = new Option<bool>("--dead-letter-topic") { Description = "Also publish refused messages to the topic PREFIX.dead-letters, for those who watch streams; the store keeps them in any case." };
        var once = new Option<bool>("--once") { Description = "Stop when everything now on the stream is in the store." };
        var snapshots = new Option<int>("--snapshot-minutes")
        {
            Description = "A process that reads all partitions keeps the folded state in the store every N minutes, and at its end; 0 for never. Range 0 to 10080.",
            HelpName = "N",
            DefaultValueFactory = _ => 10,
        };
        snapshots.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > 10_080) result.AddError("--snapshot-minutes: range 0 to 10080");
        });
        var log = new Option<string>("--log") { Description = "text: a panel on a terminal, plain lines elsewhere; json: one JSON object a line.", DefaultValueFactory = _ => "text" };
        log.AcceptOnlyFromAmong("text", "json");
        var telemetry = new TelemetryOptions();
        var json = Verb.JsonOption();
        return Verb.Create("ingest", "Reads events, and vectors of recs embed --kafka, from Kafka into the store, each exactly once.", [.. kafka.All, db, group, protocol, reset, copy, once, snapshots, log, .. telemetry.All, json], async (parsed, cancel) =>
        {
            var url = parsed.GetValue(db)!;
            using var report = new IngestReport(parsed.GetValue(log) == "json", clock);
            var options = new IngestOptions
            {
                Topics = kafka.Topics(parsed),
                Group = parsed.GetValue(group)!,
                Assignment = Assignment(url, parsed.GetValue(protocol)),
                Seed = Environment.ProcessId,
                Reset = parsed.GetValue(reset) is { } text ? OffsetReset.Parse(text) : null,
                CopyDeadLetters = parsed.GetValue(copy),
                Notice = report.Notice,
            };
            var connection = kafka.Connection(parsed);
            using var export = telemetry.Start(parsed);
            using var store = EventStore.Open(url);
            store.Migrate();
            await TopicCreation.EnsureAsync(connection, options.Topics, [.. options.Topics.OfIngest, options.Topics.Decisions, .. options.CopyDeadLetters ? [options.Topics.DeadLetters] : Array.Empty<string>()]);
            using var fold = options.Assignment == PartitionAssignment.All && parsed.GetValue(snapshots) > 0
                ? new LiveFold(EventStore.Open(url), TimeSpan.FromMinutes(parsed.GetValue(snapshots)), clock)
                : null;
            // Opened while the database is known to answer: one that goes away later is waited for.
            var decisions = EventStore.Open(url);
            if (fold is not null) options = options with { Stored = fold.Stored };
            var worker = new EventConsumer(connection, store, options, clock);
            report.Begun(connection.BootstrapServers, store.Name, options.Group);
            var begun = clock.GetTimestamp();
            var running = parsed.GetValue(once) ? worker.RunUntilCaughtUpAsync(cancel) : worker.RunAsync(cancel);
            // The ledger's decisions come beside: other partitions, and no order between the two.
            using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            var keeper = new DecisionKeeper(connection, () => decisions, options.Topics, $"{options.Group}-decisions", clock) { Log = Console.Error.WriteLine };
            var keeping = parsed.GetValue(once) ? keeper.RunUntilCaughtUpAsync(both.Token) : keeper.RunAsync(both.Token);
            try
            {
                await report.Follow(worker, running);
            }
            finally
            {
                if (!parsed.GetValue(once) || !running.IsCompletedSuccessfully) await both.CancelAsync();
            }
            await keeping;
            if (fold is not null && fold.Finish(LastSnapshot) is null)
                Console.Error.WriteLine("recs ingest: no last snapshot was kept, it would have taken too long; the next start folds the facts since the one before");
            var result = IngestResult.Of(worker.Progress, clock.GetElapsedTime(begun));
            report.Ended(result, parsed.GetValue(once) ? "caught up" : "stopped");
            Verb.WriteJson(parsed.GetValue(json), result, IngestJson.Default.IngestResult);
            return 0;
        });
    }

    private static PartitionAssignment Assignment(string url, string? protocol)
    {
        var isFile = url.StartsWith("duckdb:", StringComparison.OrdinalIgnoreCase);
        return protocol switch
        {
            null => isFile ? PartitionAssignment.All : PartitionAssignment.ClassicGroup,
            "none" => PartitionAssignment.All,
            _ when isFile => throw new RefusedException($"--group-protocol {protocol} needs PostgreSQL: a DuckDB file belongs to one process, so there is no group to share it"),
            "classic" => PartitionAssignment.ClassicGroup,
            _ => PartitionAssignment.ConsumerGroup,
        };
    }
}
