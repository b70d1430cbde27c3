using Recs.Embedder.Tokenizer;
using Recs.Pipelines.Bench.Recipes;
using Recs.Pipelines.CommandLine;
using Recs.Pipelines.Datasets.OnlineRetail;
using EmbeddingTemplate = Recs.Embedder.EmbeddingTemplate;

namespace Recs.Pipelines.Bench;

/// <summary>Texts for a model, and how many tokens each of them is.</summary>
/// <param name="Name">Of the model.</param>
/// <param name="Folder">Its checkpoint.</param>
/// <param name="Texts">Rendered.</param>
/// <param name="Lengths">Tokens by text, special ones counted.</param>
internal sealed record EmbedWorkload(string Name, string Folder, IReadOnlyList<string> Texts, IReadOnlyList<int> Lengths)
{
    /// <summary>Tokens of a text that are used, at most.</summary>
    public const int MaxTokens = 512;

    /// <summary>Of a recipe's texts; all lengths from here to <see cref="MaxTokens"/> are as likely.</summary>
    private const int LeastTokens = 64;

    private const int Seed = 4;

    /// <summary>Tokens of all texts.</summary>
    public long Tokens => Lengths.Sum(length => (long)length);

    /// <summary>The titles of the bundled catalogue, as the demo embeds them.</summary>
    /// <param name="folder">A model with a tokenizer.</param>
    public static EmbedWorkload Catalogue(string folder)
    {
        var dataset = new OnlineRetailDataset();
        var template = new EmbeddingTemplate(dataset.Template, lowerCase: true);
        var texts = OnlineRetailFiles.Products(Path.Combine(Home.Root, dataset.BundledFolder))
            .Select(product => template.Render(new Dictionary<string, string> { ["title"] = TitleCase.Of(product.Title) })).ToArray();
        var tokenizer = ByteLevelTokenizer.Load(folder);
        return new EmbedWorkload(Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)), folder, texts, [.. texts.Select(text => Length(tokenizer, text))]);
    }

    /// <summary>Seeded random tokens for a recipe's checkpoint, in texts of 64 to 512 tokens.</summary>
    /// <param name="preset">What the checkpoint was made of.</param>
    /// <param name="folder">The checkpoint, with the tokenizer of <see cref="RecipeVocabulary"/>.</param>
    /// <param name="tokens">In all, at least 1.</param>
    public static EmbedWorkload OfRecipe(RecipePreset preset, string folder, int tokens)
    {
        var random = new Random(Seed);
        List<string> texts = [];
        List<int> lengths = [];
        for (var left = tokens; left > 0; left -= lengths[^1])
        {
            lengths.Add(Math.Min(left, random.Next(LeastTokens, MaxTokens + 1)));
            texts.Add(RecipeVocabulary.Text(Enumerable.Range(0, lengths[^1]).Select(_ => random.Next(preset.Vocabulary))));
        }
        return new EmbedWorkload(preset.Name, folder, texts, lengths);
    }

    private static int Length(ByteLevelTokenizer tokenizer, string text)
    {
        var content = tokenizer.EncodeContent(text).Length;
        return content == 0 ? 0 : Math.Min(MaxTokens, tokenizer.Prefix.Length + content + tokenizer.Suffix.Length);
    }
}
