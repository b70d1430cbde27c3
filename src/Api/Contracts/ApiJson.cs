using System.Text.Json;
using System.Text.Json.Serialization;

namespace Recs.Api.Contracts;

/// <summary>The wire: snake_case, no nulls, depth bounded here and size by the server.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    MaxDepth = 16)]
[JsonSerializable(typeof(RankBody))]
[JsonSerializable(typeof(RankAnswer))]
[JsonSerializable(typeof(SimilarAnswer))]
[JsonSerializable(typeof(EventsAnswer))]
[JsonSerializable(typeof(ErasureAnswer))]
[JsonSerializable(typeof(DecisionAnswer))]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(ReadyAnswer))]
[JsonSerializable(typeof(EmbeddingsBody))]
[JsonSerializable(typeof(EmbeddingsAnswer))]
[JsonSerializable(typeof(EmbeddingsFault))]
[JsonSerializable(typeof(ModelsAnswer))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class ApiJson : JsonSerializerContext;
