using Microsoft.ML;
using Recs.Domain;

namespace Recs.Embedder.Ecosystem;

/// <summary>The embedder as an ML.NET transform.</summary>
public static class Llama4TextTransforms
{
    private const string Text = nameof(EmbeddingInput.RecsText);
    private const string Model = nameof(EmbeddingInput.RecsModel);
    private const string Vector = nameof(EmbeddingOutput.RecsVector);

    /// <summary>
    /// A text column to a vector column of the model's size, bit for bit as <see cref="Llama4Embedder"/> makes it. Missing text gives zeros.
    /// A model file saved from the pipeline names the folder and its embedding version, not the weights: loading it elsewhere wants the same model in
    /// the same folder, or in the one that the environment variable RECS_EMBEDDER_MODEL names, and refuses another one when the first row is read.
    /// </summary>
    /// <param name="catalog"><c>mlContext.Transforms.Text</c>.</param>
    /// <param name="context">The context of <paramref name="catalog"/>.</param>
    /// <param name="outputColumnName">The vector column to make.</param>
    /// <param name="inputColumnName">The text column; null: named as the output, which then replaces it.</param>
    /// <param name="modelFolder">A Hugging Face checkpoint folder. The model is loaded now, shared by the process, and kept.</param>
    /// <param name="options">Layer, pooling, token limit and precision count; null means all defaults.</param>
    /// <exception cref="RefusedException">The folder holds no readable model, or one whose vectors have a size that ML.NET files cannot hold.</exception>
    public static IEstimator<ITransformer> EmbedWithLlama4(this TransformsCatalog.TextTransforms catalog, MLContext context,
        string outputColumnName, string? inputColumnName, string modelFolder, EmbedderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(context);
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        options ??= new EmbedderOptions();
        var (reference, dimensions) = SharedEmbedders.Share(modelFolder, options);
        // ML.NET lets no transform outside its own assemblies write into a model file. A constant in an expression is written, and a mapping
        // by its name: so the model's name travels as a column.
        var transforms = context.Transforms;
        return transforms.CopyColumns(Text, inputColumnName ?? outputColumnName)
            .Append(transforms.Expression(Model, $"(text) => {Quoted(reference)}", Text))
            .Append(EmbeddingMapping.OfSize(context, dimensions))
            .Append(transforms.CopyColumns(outputColumnName, Vector))
            .Append(transforms.DropColumns(Text, Model, Vector));
    }

    /// <summary>A text literal of ML.NET's expression language.</summary>
    private static string Quoted(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
