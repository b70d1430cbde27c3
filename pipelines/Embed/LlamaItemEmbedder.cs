using Recs.Domain.Items;
using Recs.Embedder;
using Recs.Ingest;

namespace Recs.Pipelines.Embed;

/// <summary>The Llama 4 embedder as the stream's worker uses it, by the rule of <see cref="ItemText"/>.</summary>
internal sealed class LlamaItemEmbedder(Llama4Embedder embedder) : IItemEmbedder
{
    public string Version => embedder.Version;

    public ItemEmbeddingText? TextOf(Item item) => ItemText.Of(item, embedder.Template) is { } text ? new(text, ContentHash.Of(text)) : null;

    public IReadOnlyList<(float[] Vector, string Signature)> Embed(IReadOnlyList<string> texts, CancellationToken stop) =>
        [.. embedder.Embed(texts, cancel: stop).Select(made => (made.Vector, made.Signature.ToString()))];
}
