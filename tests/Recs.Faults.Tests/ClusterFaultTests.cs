using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Recs.Ingest;
using Recs.Storage;
using Recs.Tests;

namespace Recs.Faults.Tests;

/// <summary>Three real brokers and PostgreSQL: several worker processes share the partitions.</summary>
[Collection(nameof(FaultTests))]
public sealed class ClusterFaultTests
{
    private const int MostWorkers = 3;
    private static readonly TimeSpan LongestCatchUp = TimeSpan.FromMinutes(10);

    [Fact]
    public async Task Ingest_IntoPostgres_ThroughEveryFault_EqualsTheFoldOfTheDistinctEvents()
    {
        var plan = FaultPlan.Of(2, (Fault.Kill, 4, 22), (Fault.Freeze, 1, 10), (Fault.Join, 2, 10), (Fault.Leave, 1, 8), (Fault.Broker, 1, 4), (Fault.Database, 1, 6));
        var (log, random, history) = (new FaultLog(plan), new Random(plan.Seed), new EventHistory(plan));
        log.Add(plan.ToString());
        Requirements.Need("postgres", PostgresFolder.IsPossible, PostgresFolder.Missing);
        using var cluster = new KafkaCluster();
        using var database = new PostgresFolder();
        database.Start();
        var topics = new Topics();
        var connection = new KafkaConnection(cluster.Bootstrap);
        await KeepAll(cluster.Bootstrap, topics.Items);
        await TopicCreation.EnsureAsync(connection, topics);
        // Both protocols by turns of the seed: a group has one.
        string[] protocol = plan.Seed % 2 == 0
            ? ["--group-protocol", "consumer"]
            : ["--group-protocol", "classic", "--kafka-option", "session.timeout.ms=6000", "--kafka-option", "heartbeat.interval.ms=500"];
        string[] ingest = ["ingest", "--kafka", cluster.Bootstrap, "--db", database.Url, "--group", "faults", .. protocol];
        log.Add($"brokers and database are there; {string.Join(' ', protocol)}");

        using var producer = new EventProducer(connection, new ProducerOptions { DeliveryTimeout = TimeSpan.FromMinutes(2) });
        var next = new Dictionary<StreamPartition, long>();
        using var fleet = new WorkerFleet(ingest, random, log);
        await fleet.Join();
        await fleet.Join();
        var brokers = Task.CompletedTask;
        using var parts = history.Parts(plan.Faults.Count + 1, producer, topics).GetEnumerator();
        foreach (var fault in plan.Faults)
        {
            parts.MoveNext();
            var part = parts.Current;
            var publishing = Task.Run(() => producer.Publish(part), TestContext.Current.CancellationToken);
            await Task.Delay(random.Next(20, 900), TestContext.Current.CancellationToken);
            fleet.Check();
            log.Add($"{fault}, {part.Count} messages more, {fleet.Awake} of {fleet.Count} workers awake");
            switch (fault)
            {
                case Fault.Kill:
                    await fleet.Kill();
                    break;
                case Fault.Freeze:
                    await fleet.Freeze();
                    break;
                case Fault.Leave:
                    await fleet.Leave();
                    break;
                case Fault.Join when fleet.Count < MostWorkers:
                    await fleet.Join();
                    break;
                case Fault.Broker:
                    await brokers; // never two at once: two of three replicas take every write
                    var broker = random.Next(1, 4);
                    cluster.Kill(broker);
                    brokers = cluster.Restart();
                    break;
                case Fault.Database:
                    database.Crash();
                    await Task.Delay(random.Next(100, 1_500), TestContext.Current.CancellationToken);
                    database.Start();
                    break;
            }
            Add(next, await publishing);
            await fleet.Thaw();
            while (fleet.Awake == 0) await fleet.Join();
        }
        parts.MoveNext();
        Add(next, producer.Publish(parts.Current));
        await brokers;
        await fleet.Thaw(all: true);
        await CaughtUp(database.Url, next, fleet, log);
        while (fleet.Count > 0) await fleet.Leave();
        using var store = EventStore.Open(database.Url);
        Verdict.Hold(history, store, next, plan, log);
    }

    // The history's times are long past: compaction would take older versions of an item off the stream before they are read, and rightly so.
    private static async Task KeepAll(string bootstrap, string topic)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrap }).Build();
        await admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = Topics.ItemPartitions, Configs = new() { ["cleanup.policy"] = "delete", ["retention.ms"] = "-1" } }]);
    }

    private static async Task CaughtUp(string url, Dictionary<StreamPartition, long> next, WorkerFleet fleet, FaultLog log)
    {
        using var store = EventStore.Open(url);
        var (begun, told) = (log.Elapsed, log.Elapsed);
        while (true)
        {
            fleet.Check();
            var offsets = store.Offsets("faults");
            var waiting = next.Sum(entry => entry.Value - offsets.GetValueOrDefault(entry.Key));
            if (waiting == 0) return;
            Assert.True(log.Elapsed - begun < LongestCatchUp, string.Create(CultureInfo.InvariantCulture, $"{waiting} messages were not ingested\n{log}"));
            if (log.Elapsed - told > TimeSpan.FromSeconds(10))
            {
                log.Add($"{waiting} messages to go, {fleet.Count} workers");
                told = log.Elapsed;
            }
            await Task.Delay(100);
        }
    }

    private static void Add(Dictionary<StreamPartition, long> next, PublishResult published)
    {
        foreach (var (partition, offset) in published.Next) next[partition] = offset;
    }
}
