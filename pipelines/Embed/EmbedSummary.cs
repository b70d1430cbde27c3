using System.Text.Json.Serialization;

namespace Recs.Pipelines.Embed;

/// <summary>What <c>recs embed --json</c> writes.</summary>
/// <param name="Count">Texts embedded.</param>
/// <param name="Dimensions">Numbers a vector.</param>
/// <param name="Version">Embedding version.</param>
/// <param name="File">The Arrow file.</param>
internal sealed record EmbedSummary(int Count, int Dimensions, string Version, string File);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(EmbedSummary))]
internal sealed partial class EmbedJson : JsonSerializerContext;
