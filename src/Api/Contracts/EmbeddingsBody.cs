using System.ComponentModel;
using System.Text.Json;

namespace Recs.Api.Contracts;

/// <summary>What <c>POST /v1/embeddings</c> takes: OpenAI's shape.</summary>
internal sealed record EmbeddingsBody(
    [property: Description("The embedding version that GET /v1/models names, or \"recs\" for whichever is loaded.")] string? Model,
    [property: Description("A text, or a list of at most 2,048 texts. Token ids are refused.")] JsonElement Input,
    [property: Description("\"float\" (default) or \"base64\": little-endian float32.")] string? EncodingFormat,
    [property: Description("The model's own, or nothing.")] int? Dimensions,
    [property: Description("Ignored.")] string? User);
