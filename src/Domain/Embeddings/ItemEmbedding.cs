namespace Recs.Domain.Embeddings;

/// <summary>An item's text as a vector.</summary>
/// <param name="Item">Whose text.</param>
/// <param name="Version">Everything the numbers depend on besides the text; vectors of two versions never mix.</param>
/// <param name="ContentHash">SHA-256 (hex) of the text that was embedded: unchanged text is never embedded twice.</param>
/// <param name="Vector">Unit length, or all zero for an item without text. [dimensions]</param>
/// <param name="Signature">
/// The expert that most of the text's tokens went to, layer by layer, such as <c>3-0-1-2</c>: a short discrete id of what the text is about.
/// Empty for a text without tokens, a model without experts, and vectors saved before signatures were kept.
/// </param>
public sealed record ItemEmbedding(ItemId Item, string Version, string ContentHash, float[] Vector, string Signature = "");
