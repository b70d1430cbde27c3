namespace Recs.Embedder;

/// <summary>What the model makes of one text.</summary>
/// <param name="Vector">[dimensions]; zeros for a text without tokens.</param>
/// <param name="Signature">The experts its tokens went to; <see cref="RouterSignature.None"/> for a text without tokens.</param>
public sealed record TextEmbedding(float[] Vector, RouterSignature Signature);
