using System.Globalization;
using Recs.Api.Experiments;
using Recs.Domain;
using Recs.Pipelines.Run;
using YamlDotNet.RepresentationModel;

namespace Recs.Pipelines.Policy;

/// <summary>
/// Reads experiments, YAML: <c>version</c> and <c>layers</c>, each by its name with an optional <c>salt</c>, <c>stopped</c> (the kill switch) and <c>arms</c>, each by
/// its name with its <c>share</c> of the users and optionally <c>policy</c> (settings by their full names) and <c>model</c> (a model's folder).
/// </summary>
internal static class ExperimentsFile
{
    private const int Version = 1;

    /// <exception cref="RefusedException">The file is missing or wrong, or its experiments cannot run beside each other; with the file, and the line where it is one line's fault.</exception>
    public static ExperimentSet Read(string file)
    {
        var place = new YamlPlace(file);
        var root = place.Load();
        List<ExperimentLayer> layers = [];
        var hasVersion = false;
        foreach (var (key, value, _) in place.Entries(root, "a file of experiments", "version", "layers"))
        {
            if (key == "layers") layers.AddRange(place.Entries(value, "layers").Select(layer => Layer(place, layer.Key, layer.Value)));
            else if (place.Text(value, key) is var version && version == Version.ToString(CultureInfo.InvariantCulture)) hasVersion = true;
            else throw place.Refuse(value, $"the experiments are of version {version}, this build reads {Version}");
        }
        if (!hasVersion) throw place.Refuse(root, $"the experiments have no version; this build reads version {Version}");
        try
        {
            return new ExperimentSet(layers);
        }
        catch (RefusedException wrong)
        {
            throw new RefusedException($"{file}: {wrong.Message}", wrong);
        }
    }

    private static ExperimentLayer Layer(YamlPlace place, string name, YamlNode node)
    {
        var layer = new ExperimentLayer(name, []);
        foreach (var (key, value, _) in place.Entries(node, $"layer '{name}'", "salt", "stopped", "arms"))
            layer = key switch
            {
                "salt" => layer with { Salt = place.Text(value, key) },
                "stopped" => layer with { IsStopped = Switch(place, value, key) },
                _ => layer with { Arms = [.. place.Entries(value, $"arms of '{name}'").Select(arm => Arm(place, arm.Key, arm.Value))] },
            };
        return layer;
    }

    private static ExperimentArm Arm(YamlPlace place, string name, YamlNode node)
    {
        var arm = new ExperimentArm(name, 0);
        foreach (var (key, value, _) in place.Entries(node, $"arm '{name}'", "share", "policy", "model"))
            arm = key switch
            {
                "share" => arm with { Share = Number(place, value, key) },
                "model" => arm with { Model = place.Text(value, key) },
                _ => arm with { Policy = place.Entries(value, $"policy of '{name}'").ToDictionary(setting => setting.Key, setting => Number(place, setting.Value, setting.Key)) },
            };
        return arm;
    }

    private static bool Switch(YamlPlace place, YamlNode node, string name) => place.Text(node, name) switch
    {
        "true" => true,
        "false" => false,
        var other => throw place.Refuse(node, $"{name} is '{other}', expected true or false"),
    };

    private static double Number(YamlPlace place, YamlNode node, string name) =>
        double.TryParse(place.Text(node, name), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number
            : throw place.Refuse(node, $"{name} is '{place.Text(node, name)}', expected a number");
}
