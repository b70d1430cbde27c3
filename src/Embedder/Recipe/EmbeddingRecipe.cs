using Recs.Domain;
using Recs.Embedder.Model;

namespace Recs.Embedder.Recipe;

/// <summary>Options and folder brought together: everything that decides a vector apart from the files.</summary>
internal sealed record EmbeddingRecipe(int Layer, Pooling Pooling, bool Normalize, int MaxTokens, bool FolderLowerCase, EmbeddingTemplate Template)
{
    private const int DefaultMaxTokens = 512;

    /// <exception cref="RefusedException">An option is out of its range.</exception>
    public static EmbeddingRecipe Of(EmbedderOptions options, SentenceTransformersFolder folder, Llama4Model model)
    {
        var layer = options.Layer ?? model.LastHiddenState;
        if (layer < 0 || layer > model.LastHiddenState) throw new RefusedException($"layer {layer} is out of range: the model has hidden states 0 to {model.LastHiddenState}");
        var maxTokens = options.MaxTokens ?? folder.MaxTokens ?? DefaultMaxTokens;
        if (maxTokens < 2) throw new RefusedException($"max tokens {maxTokens} is out of range: at least 2, the begin-of-text token counted");
        if (options.Pooling is { } pooling && !Enum.IsDefined(pooling)) throw new RefusedException($"pooling {pooling} is unknown: mean or last");
        return new EmbeddingRecipe(layer, options.Pooling ?? folder.Pooling, folder.Normalize, maxTokens, folder.LowerCase, options.Template);
    }
}
