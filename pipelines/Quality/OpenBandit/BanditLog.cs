using Recs.Domain;
using Recs.Pipelines.Datasets;

namespace Recs.Pipelines.Quality.OpenBandit;

/// <summary>One shown item.</summary>
internal readonly record struct BanditRow(int Item, int Position, bool Clicked, double Propensity);

/// <summary>The logs of one campaign: the uniform policy's, and that of the policy to be evaluated.</summary>
internal sealed record BanditLog(string Campaign, IReadOnlyList<BanditRow> Uniform, IReadOnlyList<BanditRow> Thompson)
{
    private const string UniformFolder = "random", ThompsonFolder = "bts";

    /// <summary>Reads <c>random/CAMPAIGN/CAMPAIGN.csv</c> and <c>bts/CAMPAIGN/CAMPAIGN.csv</c>.</summary>
    /// <param name="folder">Holds both policies' folders.</param>
    /// <param name="test">A log of the uniform policy that lies elsewhere, in its place in the same layout; null for the folder's only campaign.</param>
    public static BanditLog Read(string folder, string? test)
    {
        var uniform = test is null ? Only(Path.Combine(folder, UniformFolder)) : Path.GetFullPath(test);
        var campaign = Path.GetFileName(Path.GetDirectoryName(uniform)!);
        var root = Path.GetDirectoryName(Path.GetDirectoryName(Path.GetDirectoryName(uniform)));
        if (root is null || Path.GetFileName(Path.GetDirectoryName(Path.GetDirectoryName(uniform))) != UniformFolder)
            throw new RefusedException($"{uniform} does not lie in {UniformFolder}/CAMPAIGN/, so the evaluated policy's log beside it cannot be found");
        return new(campaign, Rows(uniform), Rows(Path.Combine(root, ThompsonFolder, campaign, Path.GetFileName(uniform))));
    }

    private static string Only(string policy)
    {
        if (!Directory.Exists(policy)) throw new RefusedException($"there is no folder {policy}; the data folder must hold {UniformFolder} and {ThompsonFolder}");
        var campaigns = Directory.GetDirectories(policy).Order(StringComparer.Ordinal).ToList();
        return campaigns.Count == 1
            ? Path.Combine(campaigns[0], Path.GetFileName(campaigns[0]) + ".csv")
            : throw new RefusedException($"{policy} holds {campaigns.Count} campaigns ({string.Join(", ", campaigns.Select(Path.GetFileName))}), expected one; name a log of it with --test {policy}/CAMPAIGN/CAMPAIGN.csv");
    }

    private static List<BanditRow> Rows(string path) => NamedRows.Read(path, ',', ["item_id", "position", "click", "propensity_score"], row => new BanditRow(
        row.Whole("item_id", 0, 100_000), row.Whole("position", 1, 1_000), row.Whole("click", 0, 1) == 1,
        row.Number("propensity_score", 0, 1) is > 0 and var propensity ? propensity : throw new FormatException("propensity_score is 0, expected a number above 0: what was shown had a chance")));
}
