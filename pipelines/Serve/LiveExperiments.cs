using Recs.Api.Live;
using Recs.Domain;
using Recs.Pipelines.Policy;

namespace Recs.Pipelines.Serve;

/// <summary>Keeps the experiments in use those of a file: the kill switch is a word in it. Models stay loaded while an arm names them. One thread at a time.</summary>
/// <param name="live">What serves.</param>
/// <param name="file">See <see cref="ExperimentsFile"/>.</param>
/// <param name="models">Loads what the arms name.</param>
internal sealed class LiveExperiments(LiveState live, string file, LiveModels models)
{
    private readonly Dictionary<string, ServedModel> _loaded = [];

    /// <summary>Reads the file and puts it to use.</summary>
    /// <exception cref="RefusedException">The file, or a model it names, cannot be read; nothing has changed.</exception>
    public void Read()
    {
        var experiments = ExperimentsFile.Read(file);
        foreach (var folder in experiments.Models)
            if (!_loaded.ContainsKey(folder)) _loaded[folder] = models.Load(folder);
        live.UseExperiments(experiments, _loaded);
        foreach (var folder in _loaded.Keys.Except(experiments.Models).ToList()) _loaded.Remove(folder);
    }

    /// <summary>Reads it again when it changes from now on.</summary>
    public FileWatch Watch(Action<string> log) => new(file, "the experiments stay as they are", Read, log);
}
