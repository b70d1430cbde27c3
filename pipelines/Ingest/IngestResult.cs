using System.Text.Json.Serialization;
using Recs.Ingest;

namespace Recs.Pipelines.Ingest;

/// <summary>What <c>recs ingest --json</c> writes: the work of this run.</summary>
internal sealed record IngestResult(
    long Consumed, long Appended, long Duplicates, long DeadLetters, long Batches, long Fenced, long Retries, long Lag, long Embeddings, double Seconds)
{
    public static IngestResult Of(IngestProgress progress, TimeSpan time) => new(
        progress.Consumed, progress.Appended, progress.Duplicates, progress.DeadLetters, progress.Batches, progress.Fenced, progress.Retries, progress.Lag, progress.Embeddings, time.TotalSeconds);

    public override string ToString() =>
        $"{Consumed} read, {Appended} stored, {Duplicates} duplicates, {DeadLetters} dead letters, {Embeddings} vectors, {Lag} waiting, {Consumed / Math.Max(Seconds, 0.001):0} a second";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(IngestResult))]
internal sealed partial class IngestJson : JsonSerializerContext;
