namespace Recs.Api.Contracts;

/// <summary>An error in OpenAI's shape, which clients of <c>/v1/embeddings</c> know how to show.</summary>
internal sealed record EmbeddingsFault(EmbeddingsError Error);

/// <summary>What is wrong, in a sentence that says what to do.</summary>
internal sealed record EmbeddingsError(string Message, string Type, string? Param, string? Code);
