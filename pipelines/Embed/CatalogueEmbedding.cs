using Recs.Domain;
using Recs.Domain.Embeddings;
using Recs.Embedder;
using Recs.Storage;

namespace Recs.Pipelines.Embed;

/// <summary>
/// Embeds a catalogue into the store, incrementally: an item whose text and version are there already is left alone. Saved block by block:
/// a run that is cut short goes on where it stopped. Vectors of items that have none any more (see <see cref="ItemText"/>) are removed.
/// </summary>
internal sealed class CatalogueEmbedding
{
    /// <summary>Texts that are embedded and saved together: many, for a model that passes through memory is read once for each block.</summary>
    private const int Block = 4_096;

    private readonly IRecsStore _store;
    private readonly Llama4Embedder _embedder;
    private readonly List<(ItemId Item, string Text, string Hash)> _missing = [];
    private readonly List<ItemId> _without = [];

    /// <summary>Compares the catalogue, as the store's facts have it now, with the vectors there.</summary>
    /// <param name="store">Holds the facts and takes the vectors.</param>
    /// <param name="embedder">Its version and template decide what is current.</param>
    public CatalogueEmbedding(IRecsStore store, Llama4Embedder embedder)
    {
        (_store, _embedder) = (store, embedder);
        var known = store.EmbeddingHashes(embedder.Version);
        foreach (var item in store.Catalogue().Select(version => version.Item))
        {
            if (ItemText.Of(item, embedder.Template) is not { } text)
            {
                _without.Add(item.Id);
                continue;
            }
            var hash = ContentHash.Of(text);
            if (known.GetValueOrDefault(item.Id) == hash) Current++;
            else _missing.Add((item.Id, text, hash));
        }
    }

    /// <summary>Vectors that are there already with the same text and version.</summary>
    public int Current { get; }

    /// <summary>Vectors to be made.</summary>
    public int Missing => _missing.Count;

    /// <param name="done">Told how many of <see cref="Missing"/> are made, from any thread.</param>
    /// <param name="cancel">Stops between two blocks, or within one whose texts are then not saved.</param>
    /// <returns>How many vectors were removed.</returns>
    public int Run(Action<int> done, CancellationToken cancel)
    {
        var removed = _store.RemoveEmbeddings(_without);
        var before = 0;
        foreach (var block in _missing.Chunk(Block))
        {
            cancel.ThrowIfCancellationRequested();
            var made = _embedder.Embed([.. block.Select(entry => entry.Text)], new BlockReport(done, before), cancel);
            _store.SaveEmbeddings(block.Select((entry, at) => new ItemEmbedding(entry.Item, _embedder.Version, entry.Hash, made[at].Vector, made[at].Signature.ToString())));
            before += block.Length;
        }
        return removed;
    }

    private sealed class BlockReport(Action<int> done, int before) : IProgress<int>
    {
        public void Report(int value) => done(before + value);
    }
}
