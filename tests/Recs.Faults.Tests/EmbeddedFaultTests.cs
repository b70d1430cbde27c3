using Confluent.Kafka;
using Recs.Ingest;
using Recs.Storage;

namespace Recs.Faults.Tests;

/// <summary>Embedded brokers and a DuckDB file: one worker process at a time owns the file.</summary>
[Collection(nameof(FaultTests))]
public sealed class EmbeddedFaultTests
{
    /// <summary>The brokers keep 5 MiB a partition and a child's progress cannot be seen in a file it owns: enough partitions that nothing overflows at full size.</summary>
    private const int Partitions = 96;

    [Fact]
    public async Task Ingest_IntoDuckDb_ThroughEveryFault_EqualsTheFoldOfTheDistinctEvents()
    {
        var plan = FaultPlan.Of(1, (Fault.Kill, 5, 22), (Fault.Freeze, 1, 10), (Fault.Leave, 1, 4), (Fault.Broker, 2, 6));
        var (log, random, history) = (new FaultLog(plan), new Random(plan.Seed), new EventHistory(plan));
        log.Add(plan.ToString());
        var folder = Directory.CreateTempSubdirectory("recs-faults-");
        try
        {
            using var broker = new EmbeddedBroker(brokers: 3, eventPartitions: Partitions);
            using var producer = new EventProducer(broker.Connection);
            var (topics, next) = (new Topics(), new Dictionary<StreamPartition, long>());
            var url = $"duckdb:{folder.FullName}/faults.duckdb";
            string[] ingest = ["ingest", "--kafka", broker.Connection.BootstrapServers, "--db", url, "--group", "faults"];
            var worker = new WorkerProcess(ingest);
            try
            {
                using var parts = history.Parts(plan.Faults.Count + 1, producer, topics).GetEnumerator();
                foreach (var fault in plan.Faults)
                {
                    parts.MoveNext();
                    var part = parts.Current;
                    var publishing = Task.Run(() => producer.Publish(part), TestContext.Current.CancellationToken);
                    await worker.WhenBegun();
                    // These brokers do not tell a resend of the client from another message: no fault of theirs while it sends.
                    if (fault == Fault.Broker) Add(next, await publishing);
                    await Task.Delay(random.Next(20, 900), TestContext.Current.CancellationToken);
                    Assert.False(worker.HasEnded, $"a worker ended by itself: {worker.Said}\n{log}");
                    log.Add($"{fault}, {part.Count} messages more");
                    switch (fault)
                    {
                        case Fault.Kill:
                            await worker.Kill();
                            break;
                        case Fault.Freeze:
                            await worker.Freeze();
                            await Task.Delay(2_500, TestContext.Current.CancellationToken);
                            await worker.Thaw();
                            break;
                        case Fault.Leave:
                            var (took, code) = await worker.Terminate();
                            if (code != 0) log.Add($"the worker ended with {code} after {took.TotalSeconds:0.0} s: the store was still busy");
                            break;
                        case Fault.Broker:
                            // These brokers stop answering for good when one is taken off the network after a client of it was killed: connections are cut
                            // and leaders moved instead. The cluster of the other pair has its brokers killed.
                            broker.Fail(KafkaRequest.Fetch, [.. Enumerable.Repeat(ErrorCode.Local_Transport, random.Next(1, 7))]);
                            for (var moved = 0; moved < 8; moved++) broker.SetLeader(topics.Events, random.Next(Partitions), random.Next(1, 4));
                            break;
                    }
                    if (fault != Fault.Broker) Add(next, await publishing);
                    if (!worker.HasEnded) continue;
                    worker.Dispose();
                    worker = new WorkerProcess(ingest);
                }
                parts.MoveNext();
                Add(next, producer.Publish(parts.Current));
                await worker.WhenBegun();
                await worker.Terminate();
            }
            finally
            {
                worker.Dispose();
            }
            using (var last = new WorkerProcess([.. ingest, "--once"]))
                Assert.True(await last.Ended(TimeSpan.FromMinutes(10)) == 0, $"{last.Said}\n{log}");
            using var store = EventStore.Open(url);
            Verdict.Hold(history, store, next, plan, log);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Add(Dictionary<StreamPartition, long> next, PublishResult published)
    {
        foreach (var (partition, offset) in published.Next) next[partition] = offset;
    }
}

/// <summary>One schedule at a time: each needs the machine for itself.</summary>
[CollectionDefinition(nameof(FaultTests), DisableParallelization = true)]
public sealed class FaultTests;
