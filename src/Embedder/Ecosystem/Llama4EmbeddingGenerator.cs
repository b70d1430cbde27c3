using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.AI;
using Recs.Domain;

namespace Recs.Embedder.Ecosystem;

/// <summary>
/// The embedder as Microsoft.Extensions.AI's generator. Vectors are those of <see cref="Llama4Embedder"/>, bit for bit; each carries its text's
/// router signature as the additional property <see cref="SignatureProperty"/>. Thread-safe.
/// </summary>
public sealed class Llama4EmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    /// <summary>The name under which an embedding's additional properties hold the router signature, a string such as <c>3-0-1-2</c>.</summary>
    public const string SignatureProperty = "router_signature";

    private readonly Llama4Embedder _embedder;
    private readonly bool _ownsEmbedder;
    private readonly EmbeddingGeneratorMetadata _metadata;

    /// <param name="embedder">Rendered texts come in: its template is not applied.</param>
    /// <param name="ownsEmbedder">Whether disposing this disposes <paramref name="embedder"/>.</param>
    public Llama4EmbeddingGenerator(Llama4Embedder embedder, bool ownsEmbedder = false)
    {
        ArgumentNullException.ThrowIfNull(embedder);
        (_embedder, _ownsEmbedder) = (embedder, ownsEmbedder);
        _metadata = new EmbeddingGeneratorMetadata("recs", null, embedder.Version, embedder.Dimensions);
    }

    /// <summary>Loads a model folder; disposing the generator unloads it.</summary>
    /// <param name="folder">A Hugging Face checkpoint folder.</param>
    /// <param name="options">What may vary; null means all defaults.</param>
    /// <exception cref="RefusedException">A file is missing, damaged or of another model, or an option is out of range.</exception>
    [SuppressMessage("Reliability", "CA2000", Justification = "The generator owns the embedder.")]
    public static Llama4EmbeddingGenerator Load(string folder, EmbedderOptions? options = null) => new(Llama4Embedder.Load(folder, options), ownsEmbedder: true);

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Other dimensions, or another model, are asked for than this one has.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; between two parts of a layer at the latest.</exception>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (options?.Dimensions is { } dimensions && dimensions != _embedder.Dimensions)
            throw new NotSupportedException($"{dimensions} dimensions are asked for, but this model makes {_embedder.Dimensions}; leave Dimensions out, or load a folder with a Dense projection");
        if (options?.ModelId is { } model && model != _embedder.Version)
            throw new NotSupportedException($"model {model} is asked for, but {_embedder.Version} is loaded; leave ModelId out, or load the other model");
        string[] texts = [.. values];
        // Off the caller's thread: a batch may take seconds, and a caller may have a user interface to draw.
        return await Task.Run(() => Generate(texts, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null) return null;
        return serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata
            : serviceType.IsInstanceOfType(_embedder) ? _embedder
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <summary>Unloads the model where the generator owns it.</summary>
    public void Dispose()
    {
        if (_ownsEmbedder) _embedder.Dispose();
    }

    private GeneratedEmbeddings<Embedding<float>> Generate(string[] texts, CancellationToken cancel)
    {
        var (made, tokens) = _embedder.EmbedCounted(texts, cancel);
        return new GeneratedEmbeddings<Embedding<float>>(made.Select(embedding => new Embedding<float>(embedding.Vector)
        {
            ModelId = _embedder.Version,
            AdditionalProperties = new AdditionalPropertiesDictionary { [SignatureProperty] = embedding.Signature.ToString() },
        }))
        {
            Usage = new UsageDetails { InputTokenCount = tokens, TotalTokenCount = tokens },
        };
    }
}
