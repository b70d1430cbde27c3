using Recs.Api.Live;
using Recs.Domain;
using Recs.Pipelines.CommandLine;
using Recs.Pipelines.Policy;
using Recs.Ranker.Model;
using Recs.Storage;

namespace Recs.Pipelines.Serve;

/// <summary>
/// Keeps the experiments in use those of a file: the kill switch is a word in it. A file that cannot be read is told once, and what ran before runs on. Models stay
/// loaded while an arm names them. Watching has a thread of its own: call nothing else then.
/// </summary>
/// <param name="live">What serves.</param>
/// <param name="file">See <see cref="ExperimentsFile"/>.</param>
/// <param name="url">The store that has the vectors; opened only to read them.</param>
/// <param name="log">Takes a line about each fault.</param>
internal sealed class ExperimentsWatch(LiveState live, string file, string url, Action<string> log) : IDisposable
{
    private readonly Dictionary<string, ServedModel> _models = [];
    private readonly Lock _one = new();
    private ITimer? _timer;
    private (DateTime, long) _seen;
    private string? _told;

    /// <summary>Reads the file.</summary>
    /// <exception cref="RefusedException">The file, or a model it names, cannot be read.</exception>
    public void Read()
    {
        var seen = Stamp();
        var experiments = ExperimentsFile.Read(file);
        foreach (var folder in experiments.Models)
            if (!_models.ContainsKey(folder)) _models[folder] = Load(folder);
        live.UseExperiments(experiments, _models);
        foreach (var folder in _models.Keys.Except(experiments.Models).ToList()) _models.Remove(folder);
        (_seen, _told) = (seen, null);
    }

    /// <summary>Reads the file where it has changed.</summary>
    public void Look()
    {
        if (Stamp() == _seen) return;
        try
        {
            Read();
        }
        catch (Exception failed) when (failed is RefusedException or IOException or UnauthorizedAccessException or StoreUnavailableException)
        {
            if (_told != failed.Message) log($"the experiments stay as they are: {_told = failed.Message}");
        }
    }

    /// <summary>Looks once a second from now on.</summary>
    public void Watch(TimeProvider clock) => _timer = clock.CreateTimer(_ =>
    {
        if (!_one.TryEnter()) return; // a model is being loaded
        try
        {
            Look();
        }
        finally
        {
            _one.Exit();
        }
    }, null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));

    /// <summary>Stops watching.</summary>
    public void Dispose() => _timer?.Dispose();

    private ServedModel Load(string folder)
    {
        var model = RankerModel.Load(folder);
        if (model.EmbeddingVersion == "none") return new(model, null);
        if (model.EmbeddingVersion == live.EmbeddingVersion && live.Vectors is { } same) return new(model, same);
        using var store = StoreOption.OpenExisting(url);
        return new(model, LiveState.VectorsOf(store, model.EmbeddingVersion)
            ?? throw new RefusedException($"the store has no vectors of version {model.EmbeddingVersion}, which the model in {folder} was trained with; embed with that version first"));
    }

    private (DateTime, long) Stamp() => new FileInfo(file) is { Exists: true } found ? (found.LastWriteTimeUtc, found.Length) : default;
}
