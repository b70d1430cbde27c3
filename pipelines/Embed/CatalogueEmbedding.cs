using Recs.Domain.Embeddings;
using Recs.Domain.Items;
using Recs.Embedder;
using Recs.Storage;

namespace Recs.Pipelines.Embed;

/// <summary>
/// Embeds the catalogue into the store, incrementally: an item whose text and version are there already is left alone. An ad that
/// promotes a known item needs no vector, for that item's history and text speak for it.
/// </summary>
internal static class CatalogueEmbedding
{
    private const int Batch = 256;

    /// <returns>All vectors of the embedder's version, and how many were made now.</returns>
    public static (IReadOnlyList<ItemEmbedding> All, int Made) Run(IEventStore store, IReadOnlyList<Item> items, Llama4Embedder embedder,
        IProgress<double> progress, CancellationToken cancel)
    {
        var known = store.Embeddings(embedder.Version).ToDictionary(embedding => embedding.Item);
        var ids = items.Select(item => item.Id).ToHashSet();
        List<(Item Item, string Text, string Hash)> missing = [];
        foreach (var item in items)
        {
            if (item.Ad?.Promotes is { } promoted && ids.Contains(promoted)) continue;
            var text = embedder.Template.Render(Fields(item));
            var hash = ContentHash.Of(text);
            if (!known.TryGetValue(item.Id, out var embedding) || embedding.ContentHash != hash) missing.Add((item, text, hash));
        }
        for (var start = 0; start < missing.Count; start += Batch)
        {
            cancel.ThrowIfCancellationRequested();
            var batch = missing.GetRange(start, Math.Min(Batch, missing.Count - start));
            var vectors = embedder.Embed([.. batch.Select(entry => entry.Text)], cancel: cancel);
            // Saved batch by batch: a run that is cut short goes on where it stopped.
            store.SaveEmbeddings(batch.Select((entry, i) => new ItemEmbedding(entry.Item.Id, embedder.Version, entry.Hash, vectors[i].Vector)));
            progress.Report((double)(start + batch.Count) / missing.Count);
        }
        return (store.Embeddings(embedder.Version), missing.Count);
    }

    private static Dictionary<string, string> Fields(Item item) => new(StringComparer.Ordinal)
    {
        ["title"] = item.Title,
        ["body"] = item.Body,
        ["category"] = item.Category,
        ["author"] = item.Author,
        ["tags"] = string.Join(", ", item.Tags),
    };
}
