using Recs.Domain;
using Recs.Domain.Events;
using Recs.Ingest;
using Recs.Storage;
using Recs.Tests;

namespace Recs.Faults.Tests;

/// <summary>SIGTERM at the worst moments: the program ends soon, by itself, and nothing is lost.</summary>
[Collection(nameof(FaultTests))]
public sealed class StopTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Stop_InTheMiddleOfLargeBatches_EndsSoonAndTheNextRunGoesOn()
    {
        var folder = Directory.CreateTempSubdirectory("recs-stop-");
        try
        {
            using var broker = new EmbeddedBroker();
            using var producer = new EventProducer(broker.Connection);
            producer.Publish(Clicks(60_000));
            var url = $"duckdb:{folder.FullName}/a.duckdb";
            string[] ingest = ["ingest", "--kafka", broker.Connection.BootstrapServers, "--db", url];
            using (var worker = new WorkerProcess(ingest))
            {
                await worker.WhenBegun();
                await Task.Delay(400, TestContext.Current.CancellationToken);
                var (took, code) = await worker.Terminate();
                Assert.True(code == 0 && took < Soon, $"{code}, {took}: {worker.Said}");
            }
            using (var worker = new WorkerProcess([.. ingest, "--once"])) Assert.Equal(0, await worker.Ended(TimeSpan.FromMinutes(2)));
            using var store = EventStore.Open(url);
            Assert.Equal((60_000, 0), (store.Count().Interactions, store.Count().Duplicates));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("none")]
    [InlineData("consumer")]
    public async Task Stop_WhileTheDatabaseIsAway_EndsSoonAndTheNextRunGoesOn(string protocol)
    {
        Requirements.Need("postgres", PostgresFolder.IsPossible, PostgresFolder.Missing);
        using var database = new PostgresFolder();
        database.Start();
        using var broker = new EmbeddedBroker();
        using var producer = new EventProducer(broker.Connection);
        string[] ingest = ["ingest", "--kafka", broker.Connection.BootstrapServers, "--db", database.Url, "--group-protocol", protocol];
        using (var worker = new WorkerProcess(ingest))
        {
            await worker.WhenBegun();
            database.Crash();
            producer.Publish(Clicks(5_000));
            var begun = TimeProvider.System.GetTimestamp();
            while (!worker.Said.Contains("the store did not", StringComparison.Ordinal))
            {
                Assert.True(TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromSeconds(30), worker.Said);
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }
            var (took, code) = await worker.Terminate();
            Assert.True(code == 0 && took < Soon, $"{code}, {took}: {worker.Said}");
        }
        database.Start();
        using (var worker = new WorkerProcess([.. ingest, "--once"])) Assert.True(await worker.Ended(TimeSpan.FromMinutes(2)) == 0, worker.Said);
        using var store = EventStore.Open(database.Url);
        Assert.Equal((5_000, 0), (store.Count().Interactions, store.Count().Duplicates));
    }

    private static IEnumerable<Fact> Clicks(int count)
    {
        var start = Timestamp.From(new DateTimeOffset(2024, 3, 1, 0, 0, 0, TimeSpan.Zero));
        for (var number = 0; number < count; number++)
        {
            var time = start.Plus(TimeSpan.FromSeconds(number));
            yield return new Fact(new Interaction(new EventId($"e{number}"), time, null, new UserId($"u{number % 997}"), new ItemId($"i{number % 31}"), InteractionType.Click, 0, 0), time);
        }
    }
}
