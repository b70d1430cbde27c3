using Recs.Api.Live;
using Recs.Domain;
using Recs.Features.Embedding;
using Recs.Pipelines.CommandLine;
using Recs.Ranker.Model;
using Recs.Storage;

namespace Recs.Pipelines.Serve;

/// <summary>
/// Serves another model as soon as its folder holds one, with its vectors. What cannot be
/// read is told once and tried again; the old model serves on. One thread at a time.
/// </summary>
/// <param name="live">What serves.</param>
/// <param name="folder">The model's folder.</param>
/// <param name="url">The store that has the vectors; opened only to read them.</param>
/// <param name="log">Takes a line about each fault.</param>
internal sealed class ModelWatch(LiveState live, string folder, string url, Action<string> log)
{
    private const string ModelFile = "model.json";

    private DateTime _seen = Written(folder);
    private string? _told;

    /// <summary>Looks once; blocks while a new model is read.</summary>
    public void Look()
    {
        if (Written(folder) is var written && (written == _seen || written == default)) return;
        try
        {
            var model = RankerModel.Load(folder);
            _seen = written;
            if (model.Version != live.Model.Version) live.UseModel(new(model, Vectors(model)));
            _told = null;
        }
        catch (Exception failed) when (failed is RefusedException or IOException or UnauthorizedAccessException or StoreUnavailableException)
        {
            if (_told != failed.Message) log($"the model in {folder} is not served yet: {_told = failed.Message}");
        }
    }

    private ItemVectors? Vectors(RankerModel model)
    {
        if (model.EmbeddingVersion == "none") return null;
        // A DuckDB file that another process holds cannot be read: vectors of the same version are in memory already.
        if (model.EmbeddingVersion == live.EmbeddingVersion && live.Vectors is { } same) return same;
        using var store = StoreOption.OpenExisting(url);
        return LiveState.VectorsOf(store, model.EmbeddingVersion)
            ?? throw new RefusedException($"the store has no vectors of version {model.EmbeddingVersion}, which it was trained with; embed with that version first");
    }

    private static DateTime Written(string folder) => new FileInfo(Path.Combine(folder, ModelFile)) is { Exists: true } file ? file.LastWriteTimeUtc : default;
}
