using Recs.Domain.Items;
using Recs.Embedder;

namespace Recs.Pipelines.Embed;

/// <summary>
/// Which items have a vector of their own, and of what text: one rule for the store, the stream and the demo. A deleted item has none; nor has an
/// ad that promotes an item, for that item's history and text speak for it wherever vectors are read.
/// </summary>
internal static class ItemText
{
    /// <summary>What a template may name.</summary>
    public static readonly IReadOnlyCollection<string> Fields = ["title", "body", "category", "author", "tags"];

    /// <summary>The template where none is given: the demo's shop has it. Case is dropped, as there.</summary>
    public const string DefaultTemplate = "{title}";

    /// <returns>The text to embed; null for an item without a vector of its own.</returns>
    public static string? Of(Item item, EmbeddingTemplate template) => item.Status == ItemStatus.Deleted || item.Ad?.Promotes is not null
        ? null
        : template.Render(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["title"] = item.Title,
            ["body"] = item.Body,
            ["category"] = item.Category,
            ["author"] = item.Author,
            ["tags"] = string.Join(", ", item.Tags),
        });
}
