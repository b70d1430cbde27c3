using Recs.Embedder;
using Recs.Ingest;

namespace Recs.Pipelines.Embed;

/// <summary>Items of the stream into vectors on the stream, with a line on how it goes every ten seconds.</summary>
internal static class StreamEmbedding
{
    private static readonly TimeSpan LineEvery = TimeSpan.FromSeconds(10);

    /// <param name="connection">The brokers.</param>
    /// <param name="options">Of the worker.</param>
    /// <param name="once">End when the items now on the stream are done; otherwise when <paramref name="cancel"/> is asked.</param>
    /// <param name="embedder">With the template of items.</param>
    /// <param name="clock">Measures.</param>
    /// <param name="cancel">Stops the worker. What it had not published is done by the next run, or by another worker of the group.</param>
    public static async Task<StreamEmbedSummary> Run(KafkaConnection connection, EmbeddingWorkerOptions options, bool once, Llama4Embedder embedder, TimeProvider clock, CancellationToken cancel)
    {
        var worker = new EmbeddingWorker(connection, new LlamaItemEmbedder(embedder), options, clock);
        await TopicCreation.EnsureAsync(connection, options.Topics);
        var begun = clock.GetTimestamp();
        StreamEmbedSummary Now() => StreamEmbedSummary.Of(worker.Progress, embedder.Dimensions, embedder.Version, clock.GetElapsedTime(begun));
        await Console.Error.WriteLineAsync($"embed: items of kafka {connection.BootstrapServers} with version {embedder.Version}; Ctrl-C ends it");
        Task running = once ? worker.RunUntilCaughtUpAsync(cancel) : worker.RunAsync(cancel);
        while (await Task.WhenAny(running, Task.Delay(LineEvery, clock, CancellationToken.None)) != running)
            await Console.Error.WriteLineAsync($"embed: {Now()}, {worker.Progress.Partitions} partitions");
        await running;
        return Now();
    }
}
