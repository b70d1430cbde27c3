using System.Text;
using Recs.Domain;
using Recs.Domain.Embeddings;
using Recs.Domain.Wire;

namespace Recs.Ingest;

/// <summary>A message of the embeddings topic: an item's vector or, without a message (a tombstone), that it has none any more.</summary>
/// <param name="Item">The key.</param>
/// <param name="Message">The vector, or null.</param>
internal readonly record struct EmbeddingRecord(ItemId Item, EmbeddingMessage? Message)
{
    /// <returns>Null with a rejection when it is neither.</returns>
    public static EmbeddingRecord? Read(StreamMessage message, out Rejection? rejection)
    {
        var key = Encoding.UTF8.GetString((message.Key ?? default).Span);
        if (message.Value is not { } value)
        {
            // The bounds of an item's id: what passes them could not be stored.
            rejection = key.Length is 0 or > EventLimits.NameLength || key.Contains('\0', StringComparison.Ordinal)
                ? new(RejectionReason.InvalidValue, $"a tombstone's key has {key.Length} characters, range 1 to {EventLimits.NameLength} without U+0000: it names no item")
                : null;
            return rejection is null ? new EmbeddingRecord(new ItemId(key), null) : null;
        }
        if (EmbeddingCodec.Parse(value.Span, out rejection) is not { } read) return null;
        // Compaction goes by the key: one that names another item would outlive, or remove, that item's vector.
        if (key == read.Embedding.Item.Value) return new EmbeddingRecord(read.Embedding.Item, read);
        rejection = new(RejectionReason.InvalidValue, $"item is '{read.Embedding.Item}', the message's key is '{key[..Math.Min(key.Length, EventLimits.NameLength)]}'");
        return null;
    }
}
