using Recs.Domain;
using Recs.Embedder.Checkpoint;

namespace Recs.Embedder.Recipe;

/// <summary>Options and folder brought together: everything that decides a vector apart from the files.</summary>
internal sealed record EmbeddingRecipe(int Layer, Pooling Pooling, DenseProjection? Projection, bool Normalize, int MaxTokens, bool FolderLowerCase, Precision Precision, EmbeddingTemplate Template)
{
    private const int DefaultMaxTokens = 512;

    /// <exception cref="RefusedException">An option is out of its range.</exception>
    public static EmbeddingRecipe Of(EmbedderOptions options, SentenceTransformersFolder folder, Llama4Config config)
    {
        var layer = options.Layer ?? config.Layers.Count;
        if (layer < 0 || layer > config.Layers.Count) throw new RefusedException($"layer {layer} is out of range: the model has hidden states 0 to {config.Layers.Count}");
        var maxTokens = options.MaxTokens ?? folder.MaxTokens ?? DefaultMaxTokens;
        if (maxTokens < 2) throw new RefusedException($"max tokens {maxTokens} is out of range: at least 2, the begin-of-text token counted");
        if (options.Pooling is { } pooling && !Enum.IsDefined(pooling)) throw new RefusedException($"pooling {pooling} is unknown: mean or last");
        if (folder.Projection is { } projection && projection.Inputs != config.HiddenSize)
            throw new RefusedException($"the folder's Dense module takes {projection.Inputs} numbers, but the model's hidden size is {config.HiddenSize}");
        return new EmbeddingRecipe(layer, options.Pooling ?? folder.Pooling, folder.Projection, folder.Normalize, maxTokens, folder.LowerCase, options.Precision, options.Template);
    }
}
