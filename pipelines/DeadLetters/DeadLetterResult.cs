using System.Text.Json.Serialization;

namespace Recs.Pipelines.DeadLetters;

/// <summary>What <c>recs dlq list --json</c> writes.</summary>
/// <param name="Total">Dead letters in the store.</param>
/// <param name="DeadLetters">Those listed.</param>
internal sealed record DeadLetterResult(long Total, IReadOnlyList<DeadLetterLine> DeadLetters);

/// <summary>A refused message.</summary>
/// <param name="Topic">Where it came from.</param>
/// <param name="Partition">Where it came from.</param>
/// <param name="Offset">Where it came from.</param>
/// <param name="Reason">The kind of fault, in snake case.</param>
/// <param name="Detail">The field, its value and its limit.</param>
/// <param name="Raw">The first bytes, printable.</param>
internal sealed record DeadLetterLine(string Topic, int Partition, long Offset, string Reason, string Detail, string Raw);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(DeadLetterResult))]
internal sealed partial class DeadLetterJson : JsonSerializerContext;
