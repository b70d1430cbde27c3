using System.Diagnostics;
using Recs.Domain.Events;
using Recs.Domain.Items;
using Recs.Embedder;
using Recs.Ingest;
using Recs.Pipelines.Tests.CommandLine;
using Recs.Pipelines.Tests.State;
using Recs.Storage;
using Recs.Tests;

namespace Recs.Pipelines.Tests.Embed;

/// <summary><c>recs embed --kafka</c> as a process of its own, killed in the middle, and the way of its vectors into a store.</summary>
[Collection(nameof(ConsoleTests))]
public sealed class StreamEmbeddingTests : IDisposable
{
    private const int Items = 3_000;
    private static readonly string Model = Path.Combine(Requirements.Root, "models", "llama4-nano");
    private readonly TestFolder _folder = new();

    [Fact]
    public async Task Embed_KilledAndStartedAgain_EveryItemHasItsVectorInTheStore()
    {
        using var broker = new EmbeddedBroker();
        using (var producer = new EventProducer(broker.Connection))
            producer.Publish(Enumerable.Range(0, Items).Select(n => new Fact(new ItemUpserted(new($"e{n}"), SmallStore.Start, new Item { Id = new($"i{n:D4}"), Title = $"Lantern {n}" }), SmallStore.Start)));
        string[] arguments = ["embed", "--model", Model, "--kafka", broker.Connection.BootstrapServers, "--group-protocol", "consumer", "--batch", "20", "--threads", "1"];

        var url = $"duckdb:{_folder.In("store.duckdb")}";
        using (var store = EventStore.Open(url))
        {
            store.Migrate();
            var ingest = new EventConsumer(broker.Connection, store);
            using (var worker = Start(arguments))
            {
                // Another process's progress is seen on the stream only: it is asked for, with a limit.
                var begun = TimeProvider.System.GetTimestamp();
                while (ingest.Progress.Embeddings == 0)
                {
                    Assert.False(worker.HasExited);
                    Assert.True(TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromMinutes(1));
                    await ingest.RunUntilCaughtUpAsync(TestContext.Current.CancellationToken);
                }
                worker.Kill(); // SIGKILL: nothing is flushed, the group is not left
                await worker.WaitForExitAsync(TestContext.Current.CancellationToken);
            }
            var met = ingest.Progress.Embeddings;
            Assert.InRange(met, 1, Items - 1);
        }

        var said = await RecsProgram.Succeed([.. arguments, "--once", "--json", _folder.In("embed.json")]);
        Assert.Contains("vectors made", said, StringComparison.Ordinal);
        await RecsProgram.Succeed("ingest", "--kafka", broker.Connection.BootstrapServers, "--db", url, "--once");
        using (var store = EventStore.Open(url))
        {
            var vectors = store.Embeddings(store.LatestEmbeddingVersion()!);
            Assert.Equal(Enumerable.Range(0, Items).Select(n => ($"i{n:D4}", ContentHash.Of($"lantern {n}"))), vectors.Select(vector => (vector.Item.Value, vector.ContentHash)));
            Assert.All(vectors, vector => Assert.Matches(@"^\d+(-\d+)*$", vector.Signature));
        }
        // The rule of the stream is that of the store: nothing is left to be made there.
        Assert.Contains($"0 made, {Items} current, 0 removed", await RecsProgram.Succeed("embed", "--model", Model, "--db", url), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static Process Start(string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "recs.dll"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        var process = Process.Start(start)!;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        return process;
    }
}
