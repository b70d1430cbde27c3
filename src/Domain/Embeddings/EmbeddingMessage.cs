using Recs.Domain.Events;

namespace Recs.Domain.Embeddings;

/// <summary>A vector as it travels on the stream.</summary>
/// <param name="Embedding">The vector.</param>
/// <param name="Time">The time of the item version whose text it is; 0 where its producer does not say.</param>
/// <param name="Event">The <see cref="ItemUpserted"/> that brought that version, or null.</param>
public sealed record EmbeddingMessage(ItemEmbedding Embedding, Timestamp Time = default, EventId? Event = null);
