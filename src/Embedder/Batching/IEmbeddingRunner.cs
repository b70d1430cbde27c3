namespace Recs.Embedder.Batching;

/// <summary>Runs micro-batches of token ids to embeddings. Thread-safe.</summary>
internal interface IEmbeddingRunner : IDisposable
{
    /// <summary>Tokens it is best given at a time.</summary>
    int TokensAtATime { get; }

    /// <summary>Micro-batches that are computed at once, where there are so many.</summary>
    int BatchesAtOnce { get; }

    /// <param name="batches">Micro-batches of sequences, each with special tokens and at least one that is not special.</param>
    /// <param name="done">Told each batch's index and embeddings, from any thread.</param>
    /// <param name="share">Told the share of the work done, 0 to 1, from any thread, where batches are not done one by one.</param>
    /// <param name="cancel">Asked before each part of a layer.</param>
    void Run(IReadOnlyList<int[][]> batches, Action<int, TextEmbedding[]> done, Action<double>? share, CancellationToken cancel);
}
