using System.Globalization;
using Recs.Ingest;

namespace Recs.Pipelines.Embed;

/// <summary>What <c>recs embed --kafka … --json</c> writes: the work of this run.</summary>
internal sealed record StreamEmbedSummary(
    long Consumed, long Made, long Unchanged, long Removed, long Refused, long Batches, int Dimensions, string Version, double Seconds, double TextsPerSecond)
{
    public static StreamEmbedSummary Of(EmbeddingProgress progress, int dimensions, string version, TimeSpan time) => new(progress.Consumed, progress.Made, progress.Unchanged,
        progress.Removed, progress.Refused, progress.Batches, dimensions, version, time.TotalSeconds, progress.Made / Math.Max(time.TotalSeconds, 0.001));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Consumed} items read, {Made} vectors made, {Unchanged} unchanged, {Removed} removed, {Refused} refused, {TextsPerSecond:0.#} a second");
}
