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

    /// <summary>What remains of operations done one after the other: of an item's, those since it was last removed, or the removal.</summary>
    /// <param name="operations">Each saves a vector of the item or, without one, removes all of them.</param>
    public static EmbeddingChanges Of(IEnumerable<(ItemId Item, ItemEmbedding? Saved)> operations)
    {
        var items = new Dictionary<ItemId, List<ItemEmbedding>>();
        foreach (var (item, saved) in operations)
        {
            if (!items.TryGetValue(item, out var vectors)) items[item] = vectors = [];
            if (saved is null) vectors.Clear();
            else vectors.Add(saved);
        }
        return items.Count == 0 ? None : new([.. items.Values.SelectMany(vectors => vectors)], [.. items.Where(item => item.Value.Count == 0).Select(item => item.Key)]);
    }
}
