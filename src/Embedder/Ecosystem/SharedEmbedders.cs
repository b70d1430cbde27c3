using System.Collections.Concurrent;
using System.Text.Json;
using Recs.Domain;

namespace Recs.Embedder.Ecosystem;

/// <summary>
/// Models that ML.NET transforms in this process share, loaded when they are first asked for and kept: a data view has no moment at which a
/// transform could let go of one. Thread-safe.
/// </summary>
internal static class SharedEmbedders
{
    /// <summary>Where to look for the model instead of the folder that a saved pipeline names.</summary>
    public const string FolderVariable = "RECS_EMBEDDER_MODEL";

    private static readonly ConcurrentDictionary<string, Lazy<Llama4Embedder>> ByReference = new(StringComparer.Ordinal);

    /// <summary>Text that names a model and everything its vectors depend on, to be kept in a pipeline.</summary>
    public static string Reference(string folder, EmbedderOptions options, string version) => JsonSerializer.Serialize(
        new ModelReference(Path.GetFullPath(folder), version, options.Layer, options.Pooling?.ToString(), options.MaxTokens, options.Precision.ToString()), ModelReferenceJson.Default.ModelReference);

    /// <summary>Loads a model and keeps it, unless it is here already.</summary>
    /// <exception cref="RefusedException">The folder holds no readable model.</exception>
    public static (string Reference, int Dimensions) Share(string folder, EmbedderOptions options)
    {
        var embedder = Llama4Embedder.Load(folder, options);
        var reference = Reference(folder, options, embedder.Version);
        var mine = new Lazy<Llama4Embedder>(() => embedder);
        if (ByReference.GetOrAdd(reference, mine) != mine) embedder.Dispose();
        return (reference, ByReference[reference].Value.Dimensions);
    }

    /// <summary>The model that a reference names.</summary>
    /// <exception cref="RefusedException">Its folder is not there, or holds another model by now.</exception>
    public static Llama4Embedder Of(ReadOnlySpan<char> reference)
    {
        var byText = ByReference.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!byText.TryGetValue(reference, out var shared))
        {
            var text = reference.ToString();
            shared = ByReference.GetOrAdd(text, key => new Lazy<Llama4Embedder>(() => Load(key)));
        }
        return shared.Value;
    }

    private static Llama4Embedder Load(string text)
    {
        var reference = JsonSerializer.Deserialize(text, ModelReferenceJson.Default.ModelReference) ?? throw new RefusedException($"'{text}' names no embedding model");
        var folder = Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } elsewhere ? elsewhere : reference.Folder;
        if (!Directory.Exists(folder)) throw new RefusedException($"{folder}: the embedding model of this pipeline is not there; put it there, or set {FolderVariable} to its folder");
        var embedder = Llama4Embedder.Load(folder, new EmbedderOptions
        {
            Layer = reference.Layer,
            Pooling = reference.Pooling is { } pooling ? Enum.Parse<Pooling>(pooling) : null,
            MaxTokens = reference.MaxTokens,
            Precision = Enum.Parse<Precision>(reference.Precision),
        });
        if (embedder.Version == reference.Version) return embedder;
        var found = embedder.Version;
        embedder.Dispose();
        throw new RefusedException($"{folder}: holds embedding version {found}, but this pipeline was made with {reference.Version}; its vectors must not be mixed, so train it again or put the former model back");
    }
}
