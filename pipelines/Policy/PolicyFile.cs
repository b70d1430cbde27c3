using System.CommandLine;
using System.Globalization;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Wire;
using Recs.Pipelines.CommandLine;
using Recs.Pipelines.Run;
using Recs.Ranker.Slates;
using YamlDotNet.RepresentationModel;

namespace Recs.Pipelines.Policy;

/// <summary>
/// Reads a slate policy, YAML: <c>version</c>, then sections of settings by the names of <see cref="PolicySettings"/>, and the tables
/// <c>value.weights</c>, <c>ads.quality</c> (action: weight) and <c>ads.pacing_curve</c> (24 numbers). What is left out has its default.
/// </summary>
internal static class PolicyFile
{
    private const int Version = 1;

    private static readonly string[] Tables = ["value.weights", "ads.quality", "ads.pacing_curve"];

    /// <summary>The policy with all its defaults, to copy from.</summary>
    public static string Bundled => Path.Combine(Home.Root, "pipelines", "policy.yaml");

    /// <summary><c>--policy</c> of the verbs that rank.</summary>
    public static Option<string?> Option() => new("--policy") { Description = "A YAML file with the rules of the slate; pipelines/policy.yaml shows all of them with their defaults.", HelpName = "FILE" };

    /// <exception cref="RefusedException">The file is missing or wrong, names what this build does not know, or a value is out of range; with file and line.</exception>
    public static SlatePolicy Read(string file)
    {
        var place = new YamlPlace(file);
        var root = place.Load();
        string[] sections = [.. PolicySettings.All.Select(setting => setting.Name.Split('.')[0]).Distinct()];
        var policy = new SlatePolicy();
        var hasVersion = false;
        foreach (var (section, node, line) in place.Entries(root, "a slate policy"))
        {
            if (section == "version")
            {
                hasVersion = true;
                if (place.Text(node, "version") != Version.ToString(CultureInfo.InvariantCulture)) throw place.Refuse(node, $"the policy is of version {place.Text(node, "version")}, this build reads {Version}");
            }
            else if (!sections.Contains(section)) throw place.Refuse(line, $"a policy has no section '{section}'; nearest: {NearestNames.Of(section, sections)}");
            else
                foreach (var (name, value, at) in place.Entries(node, section)) policy = With(policy, place, $"{section}.{name}", value, at);
        }
        return hasVersion ? policy : throw place.Refuse(root, $"the policy has no version; this build reads version {Version}");
    }

    private static SlatePolicy With(SlatePolicy policy, YamlPlace place, string name, YamlNode value, int line)
    {
        if (!Tables.Contains(name) && PolicySettings.All.All(setting => setting.Name != name))
            throw place.Refuse(line, $"a policy has no setting '{name}'; nearest: {NearestNames.Of(name, PolicySettings.All.Select(setting => setting.Name).Concat(Tables))}");
        // What is wrong with the file is refused while it is read, what is wrong with a number when it meets the policy.
        Func<SlatePolicy> change;
        switch (name)
        {
            case "value.weights":
                var weights = ByAction(place, value, name);
                change = () => policy with { Weights = weights };
                break;
            case "ads.quality":
                var quality = ByAction(place, value, name);
                change = () => policy with { AdQuality = quality };
                break;
            case "ads.pacing_curve":
                double[] curve = [.. place.List(value, name).Select(hour => Number(place, hour, name))];
                change = () => policy with { PacingCurve = curve };
                break;
            default:
                var number = Number(place, value, name);
                change = () => PolicySettings.With(policy, name, number);
                break;
        }
        try
        {
            var changed = change();
            changed.Validate();
            return changed;
        }
        catch (RefusedException wrong)
        {
            throw place.Refuse(value, wrong.Message);
        }
    }

    private static Dictionary<InteractionType, double> ByAction(YamlPlace place, YamlNode node, string name) =>
        place.Entries(node, name).ToDictionary(
            entry => ActionNames.Parse(entry.Key) ?? throw place.Refuse(entry.Line, $"{name} names '{entry.Key}', expected one of {ActionNames.All}"),
            entry => Number(place, entry.Value, $"{name}.{entry.Key}"));

    private static double Number(YamlPlace place, YamlNode node, string name) =>
        double.TryParse(place.Text(node, name), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) && Math.Abs(number) <= EventLimits.Micros ? number
            : throw place.Refuse(node, $"{name} must be a number");
}
