using System.Globalization;
using System.Text.Json.Serialization;

namespace Recs.Pipelines.Embed;

/// <summary>What <c>recs embed --input … --json</c> writes.</summary>
/// <param name="Count">Texts in the file.</param>
/// <param name="Reused">Of them, made by an earlier run that was cut short.</param>
/// <param name="Dimensions">Numbers a vector.</param>
/// <param name="Version">Embedding version.</param>
/// <param name="File">The vector file.</param>
/// <param name="Seconds">What embedding took, without loading the model.</param>
/// <param name="TextsPerSecond">Of the texts made by this run.</param>
internal sealed record EmbedSummary(long Count, long Reused, int Dimensions, string Version, string File, double Seconds, double TextsPerSecond)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Count} texts{(Reused > 0 ? $" ({Reused} of them by an earlier run)" : "")}, {Dimensions} dimensions, version {Version}, {TextsPerSecond:0.#} a second: {File}");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(EmbedSummary))]
[JsonSerializable(typeof(StoreEmbedSummary))]
[JsonSerializable(typeof(StreamEmbedSummary))]
internal sealed partial class EmbedJson : JsonSerializerContext;
