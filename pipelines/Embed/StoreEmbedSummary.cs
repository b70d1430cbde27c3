using System.Globalization;

namespace Recs.Pipelines.Embed;

/// <summary>What <c>recs embed --db … --json</c> writes.</summary>
/// <param name="Made">Vectors made now.</param>
/// <param name="Current">Vectors that were there already with the same text and version.</param>
/// <param name="Removed">Vectors removed, of every version, because their item was deleted or became a promotion of another item.</param>
/// <param name="Dimensions">Numbers a vector.</param>
/// <param name="Version">Embedding version.</param>
/// <param name="Seconds">What embedding took, without loading the model.</param>
/// <param name="TextsPerSecond">Of the vectors made now.</param>
internal sealed record StoreEmbedSummary(long Made, long Current, long Removed, int Dimensions, string Version, double Seconds, double TextsPerSecond)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Made} made, {Current} current, {Removed} removed, {Dimensions} dimensions, version {Version}, {TextsPerSecond:0.#} a second");
}
