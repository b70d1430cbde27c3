using Recs.Api.Live;
using Recs.Domain;
using Recs.Features.Embedding;
using Recs.Pipelines.CommandLine;
using Recs.Ranker.Model;

namespace Recs.Pipelines.Serve;

/// <summary>Brings models from their folders into what serves, each with the vectors it was trained with. One thread at a time.</summary>
/// <param name="live">What serves.</param>
/// <param name="url">The store that has the vectors; opened only to read them.</param>
internal sealed class LiveModels(LiveState live, string url)
{
    /// <summary>Serves another model as soon as the folder holds one.</summary>
    public FileWatch Watch(string folder, Action<string> log) => new(Path.Combine(folder, "model.json"), $"the model in {folder} is not served yet", () =>
    {
        var model = RankerModel.Load(folder);
        if (model.Version != live.Model.Version) live.UseModel(new(model, Vectors(model, folder)));
    }, log);

    /// <summary>A model and its vectors.</summary>
    /// <exception cref="RefusedException">The folder holds no readable model, or the store not its vectors.</exception>
    public ServedModel Load(string folder)
    {
        var model = RankerModel.Load(folder);
        return new(model, Vectors(model, folder));
    }

    private ItemVectors? Vectors(RankerModel model, string folder)
    {
        if (model.EmbeddingVersion == "none") return null;
        // A DuckDB file that another process holds cannot be read: vectors of the same version are in memory already.
        if (model.EmbeddingVersion == live.EmbeddingVersion && live.Vectors is { } same) return same;
        using var store = StoreOption.OpenExisting(url);
        return LiveState.VectorsOf(store, model.EmbeddingVersion)
            ?? throw new RefusedException($"the store has no vectors of version {model.EmbeddingVersion}, which the model in {folder} was trained with; embed with that version first");
    }
}
