namespace Recs.Domain.Embeddings;

/// <summary>An item's text as a vector.</summary>
/// <param name="Item">Whose text.</param>
/// <param name="Version">Everything the numbers depend on besides the text; vectors of two versions never mix.</param>
/// <param name="ContentHash">SHA-256 (hex) of the text that was embedded: unchanged text is never embedded twice.</param>
/// <param name="Vector">Unit length, or all zero for an item without text. [dimensions]</param>
public sealed record ItemEmbedding(ItemId Item, string Version, string ContentHash, float[] Vector);
