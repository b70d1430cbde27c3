using System.CommandLine;
using System.Globalization;
using Recs.Domain;
using Recs.Features;
using Recs.Pipelines.CommandLine;
using Recs.Pipelines.Run;
using YamlDotNet.RepresentationModel;

namespace Recs.Pipelines.Features;

/// <summary>
/// Reads a features file, YAML: <c>version</c>, and <c>features</c>, a list of names, each alone or with its parameters:
/// <c>- item_demand: { smoothing: 20 }</c>. The order is that of the columns.
/// </summary>
internal static class FeaturesFile
{
    /// <summary>The file that is used where none is named.</summary>
    public static string Bundled => Path.Combine(Home.Root, "pipelines", "features.yaml");

    /// <summary><c>--features</c> of the verbs that train.</summary>
    public static Option<string?> Option() => new("--features") { Description = "A YAML file that names the features of the model; pipelines/features.yaml where it is not given.", HelpName = "FILE" };

    /// <exception cref="RefusedException">The file is missing or wrong, or names what this build does not know; with file and line.</exception>
    public static FeatureSchema Read(string file)
    {
        var place = new YamlPlace(file);
        var root = place.Load();
        var entries = place.Entries(root, "a features file", "version", "features").ToDictionary(entry => entry.Key, entry => entry.Value);
        if (!entries.TryGetValue("version", out var version)) throw place.Refuse(root, $"the features file has no version; this build makes version {FeatureSchema.Version}");
        if (!entries.TryGetValue("features", out var list)) throw place.Refuse(root, "the features file has no features");
        if (!int.TryParse(place.Text(version, "version"), NumberStyles.None, CultureInfo.InvariantCulture, out var number)) throw place.Refuse(version, "version must be a whole number");
        Checked(place, version, () => FeatureSchema.Of([new(FeatureSchema.Known[0].Name)], number));
        // Each feature alone first: what is wrong with it is told with its line.
        var choices = place.List(list, "features").Select(node => (Node: node, Choice: Choice(place, node))).ToList();
        foreach (var (node, choice) in choices) Checked(place, node, () => FeatureSchema.Of([choice], number));
        return Checked(place, list, () => FeatureSchema.Of(choices.Select(entry => entry.Choice), number));
    }

    private static FeatureChoice Choice(YamlPlace place, YamlNode node)
    {
        if (node is YamlScalarNode) return new(place.Text(node, "a feature"));
        var entries = place.Entries(node, "a feature");
        if (entries.Count != 1) throw place.Refuse(node, "a feature must be a name, or one name with its parameters");
        var (name, parameters, _) = entries[0];
        Dictionary<string, double> values = [];
        string? attribute = null;
        foreach (var (parameter, value, _) in place.Entries(parameters, $"the parameters of {name}"))
        {
            if (parameter == "attribute") attribute = place.Text(value, parameter);
            else values[parameter] = double.TryParse(place.Text(value, parameter), NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) ? parsed
                : throw place.Refuse(value, $"{parameter} of {name} must be a number");
        }
        return new(name, values, attribute);
    }

    private static FeatureSchema Checked(YamlPlace place, YamlNode node, Func<FeatureSchema> make)
    {
        try
        {
            return make();
        }
        catch (RefusedException wrong)
        {
            throw place.Refuse(node, wrong.Message);
        }
    }
}
