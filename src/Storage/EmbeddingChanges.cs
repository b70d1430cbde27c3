using Recs.Domain;
using Recs.Domain.Embeddings;

namespace Recs.Storage;

/// <summary>Vectors that one transaction writes and removes. No item is in both.</summary>
/// <param name="Saved">Written or replaced, by item and version; of two for one item and version the later counts.</param>
/// <param name="Removed">Items whose vectors go, in every version.</param>
public sealed record EmbeddingChanges(IReadOnlyList<ItemEmbedding> Saved, IReadOnlyList<ItemId> Removed)
{
    /// <summary>Nothing to do.</summary>
    public static EmbeddingChanges None { get; } = new([], []);
}
