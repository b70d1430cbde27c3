namespace Recs.Embedder.Ecosystem;

/// <summary>What the mapping reads: the text, and which model is to embed it.</summary>
internal sealed class EmbeddingInput
{
    public ReadOnlyMemory<char> RecsText { get; set; }

    public ReadOnlyMemory<char> RecsModel { get; set; }
}
