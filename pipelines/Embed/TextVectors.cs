using Recs.Domain.Embeddings;
using Recs.Domain.Items;
using Recs.Embedder;
using Recs.Features.Embedding;
using Recs.Pipelines.CommandLine;

namespace Recs.Pipelines.Embed;

/// <summary>Vectors of items that are in no store, by the bundled model and the rule of <see cref="ItemText"/>; case is dropped, as in the demo.</summary>
internal static class TextVectors
{
    /// <summary>Texts embedded between two reports of progress.</summary>
    private const int Block = 1_024;

    /// <param name="items">The newest version of each item is last; earlier ones are passed over.</param>
    /// <param name="template">How an item becomes text.</param>
    /// <param name="backend">What embeds.</param>
    /// <param name="progress">Share done.</param>
    /// <param name="cancel">Stops between blocks.</param>
    public static ItemVectors Of(IReadOnlyList<Item> items, string template, Backend backend, IProgress<double> progress, CancellationToken cancel) =>
        new(Embeddings(items, template, backend, progress, cancel));

    /// <inheritdoc cref="Of"/>
    public static IReadOnlyList<ItemEmbedding> Embeddings(IReadOnlyList<Item> items, string template, Backend backend, IProgress<double> progress, CancellationToken cancel)
    {
        using var embedder = Llama4Embedder.Load(Home.Model, new EmbedderOptions { Backend = backend, Notice = Console.Error.WriteLine, Template = new EmbeddingTemplate(template, lowerCase: true) });
        List<(Item Item, string Text)> texts = [.. items.Reverse().DistinctBy(item => item.Id)
            .Select(item => (item, ItemText.Of(item, embedder.Template))).Where(pair => pair.Item2 is not null).Select(pair => (pair.item, pair.Item2!))];
        List<ItemEmbedding> vectors = [];
        foreach (var block in texts.Chunk(Block))
        {
            var made = embedder.Embed([.. block.Select(pair => pair.Text)], cancel: cancel);
            vectors.AddRange(block.Select((pair, at) => new ItemEmbedding(pair.Item.Id, embedder.Version, ContentHash.Of(pair.Text), made[at].Vector)));
            progress.Report((double)vectors.Count / texts.Count);
        }
        return vectors;
    }
}
