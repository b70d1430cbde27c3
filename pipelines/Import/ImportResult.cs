using System.Text.Json.Serialization;

namespace Recs.Pipelines.Import;

/// <summary>What <c>recs import --json</c> writes.</summary>
/// <param name="Dataset">Its name.</param>
/// <param name="Events">Distinct events.</param>
/// <param name="Resent">Events sent a second time.</param>
/// <param name="Garbage">Messages that are no events.</param>
/// <param name="Published">Messages the brokers have acknowledged: the sum of the three.</param>
/// <param name="Seconds">By stage.</param>
internal sealed record ImportResult(string Dataset, long Events, long Resent, long Garbage, long Published, IReadOnlyDictionary<string, double> Seconds);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(ImportResult))]
internal sealed partial class ImportJson : JsonSerializerContext;
