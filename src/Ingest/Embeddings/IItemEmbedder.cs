using Recs.Domain.Items;

namespace Recs.Ingest;

/// <summary>What <see cref="EmbeddingWorker"/> needs of an embedder. Called by one thread at a time.</summary>
public interface IItemEmbedder
{
    /// <summary>The embedding version of every vector.</summary>
    string Version { get; }

    /// <summary>The text of an item and the hash of it; null for an item that has no vector of its own.</summary>
    ItemEmbeddingText? TextOf(Item item);

    /// <summary>A vector and a router signature for each text, in order.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was asked.</exception>
    IReadOnlyList<(float[] Vector, string Signature)> Embed(IReadOnlyList<string> texts, CancellationToken stop);
}

/// <summary>What is embedded of an item.</summary>
/// <param name="Text">Made by the embedder's template.</param>
/// <param name="Hash">Its content hash: what has the same hash is never embedded twice.</param>
public readonly record struct ItemEmbeddingText(string Text, string Hash);
