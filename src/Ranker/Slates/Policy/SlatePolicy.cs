using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Wire;

namespace Recs.Ranker.Slates;

/// <summary>What an operator decides about slates. Immutable; ranges, names in files and the text form are in <see cref="PolicySettings"/>.</summary>
public sealed record SlatePolicy
{
    /// <summary>Worth of each action: value = Σ weight × probability, negative actions with negative weights. Default: 1 for the model's first head. Actions without a head add nothing.</summary>
    public IReadOnlyDictionary<InteractionType, double> Weights { get; init; } = new Dictionary<InteractionType, double>();

    /// <summary>A content item's value is multiplied by 1 + this × 2^(−age / <see cref="FreshnessHalfLifeHours"/>). Default 0: age does not count.</summary>
    public double Freshness { get; init; }

    /// <summary>Hours after which the freshness of an item is half. Default 24.</summary>
    public double FreshnessHalfLifeHours { get; init; } = 24;

    /// <summary>Content candidates the ranker finds by itself, at most. Default 500.</summary>
    public int ContentCandidates { get; init; } = 500;

    /// <summary>Ads the ranker considers by itself, the highest bids first. Default 1,000.</summary>
    public int AdCandidates { get; init; } = 1_000;

    /// <summary>
    /// Days without any positive interaction after which an item that is not new is no longer found as a candidate, nor an ad that promotes it.
    /// Nobody shows what nobody takes, so a model learns nothing about such items. Default 60. Candidates named by the request are not touched.
    /// </summary>
    public int StaleDays { get; init; } = 60;

    /// <summary>Milliseconds after which a source of candidates is given up. Default 50.</summary>
    public int SourceMilliseconds { get; init; } = 50;

    /// <summary>Content shown to the user this often within <see cref="SeenDays"/> is not shown again. Default 0: it may.</summary>
    public int SeenAfter { get; init; }

    /// <summary>UTC days, today included, over which <see cref="SeenAfter"/> counts. Default 1.</summary>
    public int SeenDays { get; init; } = 1;

    /// <summary>Content of one author in a slate, at most; items without an author are not counted. Default 0: any number.</summary>
    public int PerAuthor { get; init; }

    /// <summary>Content of one category in a slate, at most; items without a category are not counted. Default 0: any number.</summary>
    public int PerCategory { get; init; }

    /// <summary>
    /// How much likeness to what is already in the slate takes away (maximal marginal relevance, Carbonell and Goldstein 1998): the next item has the
    /// greatest (1 − d) × value − d × greatest cosine, values scaled to 0 to 1 over the first window. Default 0: value alone.
    /// </summary>
    public double Diversity { get; init; }

    /// <summary>Content candidates, best first, among which diversity chooses. Default 50.</summary>
    public int DiversityWindow { get; init; } = 50;

    /// <summary>The position at which a new item may stand in for the best one, with <see cref="ExploreShare"/>. Default 0: none.</summary>
    public int ExplorePosition { get; init; }

    /// <summary>The probability with which a new item, drawn evenly from those that may stand there, takes <see cref="ExplorePosition"/>; logged as propensity. Default 0.1.</summary>
    public double ExploreShare { get; init; } = 0.1;

    /// <summary>An item shown fewer times than this, ever, is new. Default 100.</summary>
    public int ExploreImpressions { get; init; } = 100;

    /// <summary>Ads in a mixed slate, as a share of its places, rounded down. Default 0.2: one in five.</summary>
    public double AdShare { get; init; } = 0.2;

    /// <summary>The first position an ad may take in a mixed slate. Default 3.</summary>
    public int FirstAdPosition { get; init; } = 3;

    /// <summary>Positions from one ad to the next in a mixed slate, at least. Default 4.</summary>
    public int AdSpacing { get; init; } = 4;

    /// <summary>Ads of one advertiser in a slate, at most. Default 1.</summary>
    public int AdsPerAdvertiser { get; init; } = 1;

    /// <summary>The least expected revenue of a thousand impressions for which an ad is shown, in millionths of the currency. Default 100,000: a tenth of a unit.</summary>
    public long ReserveEcpmMicros { get; init; } = 100_000;

    /// <summary>
    /// An ad's quality is 1 + Σ weight × probability, held within 0.05 to 20; the auction orders by eCPM × quality. Negative weights (for hide, report) let a
    /// liked ad win over a dearer one. Default: none, quality is 1.
    /// </summary>
    public IReadOnlyDictionary<InteractionType, double> AdQuality { get; init; } = new Dictionary<InteractionType, double>();

    /// <summary>Times one ad is shown to a user in a UTC day, at most, where the ad itself does not say. Default 0: any number.</summary>
    public int AdUserDailyCap { get; init; }

    /// <summary>Times the ads of one advertiser are shown to a user in a UTC day, at most. Default 0: any number.</summary>
    public int AdvertiserUserDailyCap { get; init; }

    /// <summary>
    /// How far an ad's spend may run ahead of its plan, as a share of the day's budget, before it no longer bids; on the way there its bid falls in
    /// proportion. Default 0.003, a fourteenth of an even hour; 0 spends as fast as it comes.
    /// </summary>
    public double PacingBand { get; init; } = 0.003;

    /// <summary>The share of a day's budget planned for each UTC hour, 24 numbers in proportion; empty is even.</summary>
    public IReadOnlyList<double> PacingCurve { get; init; } = [];

    /// <summary>
    /// What one unit of the currency is worth in values of content: an ad displaces content only where its expected revenue of one impression × this, with
    /// the ad's own value to the user, is at least the value of the item that would stand there. Default 0: ads are not compared with content.
    /// </summary>
    public double UnitValue { get; init; }

    /// <summary>The riskiest content next to which an ad may stand where the ad itself does not say (attribute <c>brand_tolerance</c>): 0 safe, 1 low, 2 medium, 3 high. Default 3: any.</summary>
    public int BrandTolerance { get; init; } = 3;

    /// <summary>The risk of content that does not state one (attribute <c>brand_risk</c>), 0 to 3. Default 1.</summary>
    public int UnknownRisk { get; init; } = 1;

    /// <summary>16 hex digits over all values: equal policies have equal versions.</summary>
    public string Version => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("recs-policy-2\n" + string.Join('\n', PolicySettings.Describe(this).Select(line => $"{line.Key}={line.Value}")))))[..16];

    /// <summary>What <paramref name="next"/> changes, one line a setting: "ads.share: 0.2 → 0.3".</summary>
    public IReadOnlyList<string> Difference(SlatePolicy next)
    {
        ArgumentNullException.ThrowIfNull(next);
        var (before, after) = (PolicySettings.Describe(this).ToDictionary(), PolicySettings.Describe(next).ToDictionary());
        return [.. before.Keys.Union(after.Keys).Order(StringComparer.Ordinal).Where(name => before.GetValueOrDefault(name) != after.GetValueOrDefault(name))
            .Select(name => $"{name}: {before.GetValueOrDefault(name, "(none)")} → {after.GetValueOrDefault(name, "(none)")}")];
    }

    /// <summary>Checks every value.</summary>
    /// <exception cref="RefusedException">A value is out of its range.</exception>
    public void Validate()
    {
        foreach (var setting in PolicySettings.All) setting.Validate(this);
        foreach (var (action, weight) in Weights) PolicySettings.Within(weight, -1_000, 1_000, $"value.weights.{ActionNames.Of(action)}");
        foreach (var (action, weight) in AdQuality) PolicySettings.Within(weight, -1_000, 1_000, $"ads.quality.{ActionNames.Of(action)}");
        if (PacingCurve.Count is not (0 or 24)) throw new RefusedException($"slate policy: ads.pacing_curve has {PacingCurve.Count} numbers, expected one for each of the 24 hours");
        foreach (var share in PacingCurve) PolicySettings.Within(share, 0, 1_000_000, "ads.pacing_curve");
        if (PacingCurve.Count > 0 && !(PacingCurve.Sum() > 0)) throw new RefusedException("slate policy: ads.pacing_curve is 0 in every hour");
    }
}

/// <summary>A number of the policy: its name in files, its range, and where it is kept.</summary>
/// <param name="Name">"section.name".</param>
/// <param name="Least">The least value.</param>
/// <param name="Most">The greatest.</param>
/// <param name="IsWhole">Whether only whole numbers are taken.</param>
/// <param name="Get">Its value in a policy.</param>
/// <param name="With">The policy with another value.</param>
public sealed record PolicySetting(string Name, double Least, double Most, bool IsWhole, Func<SlatePolicy, double> Get, Func<SlatePolicy, double, SlatePolicy> With)
{
    /// <exception cref="RefusedException">Out of range, or a fraction where whole numbers are taken.</exception>
    internal void Validate(SlatePolicy policy)
    {
        var value = Get(policy);
        PolicySettings.Within(value, Least, Most, Name);
        if (IsWhole && value != Math.Floor(value)) throw new RefusedException(string.Create(CultureInfo.InvariantCulture, $"slate policy: {Name} is {value}, expected a whole number"));
    }
}

/// <summary>Every number of a <see cref="SlatePolicy"/> by its name: what files, versions and differences are made of.</summary>
public static class PolicySettings
{
    /// <summary>In the order of the file.</summary>
    public static IReadOnlyList<PolicySetting> All { get; } =
    [
        new("value.freshness", 0, 100, false, p => p.Freshness, (p, v) => p with { Freshness = v }),
        new("value.freshness_half_life_hours", 0.01, 87_600, false, p => p.FreshnessHalfLifeHours, (p, v) => p with { FreshnessHalfLifeHours = v }),
        new("sources.content", 1, 10_000, true, p => p.ContentCandidates, (p, v) => p with { ContentCandidates = (int)v }),
        new("sources.ads", 0, 10_000, true, p => p.AdCandidates, (p, v) => p with { AdCandidates = (int)v }),
        new("sources.stale_days", 1, 127, true, p => p.StaleDays, (p, v) => p with { StaleDays = (int)v }),
        new("sources.deadline_ms", 1, 10_000, true, p => p.SourceMilliseconds, (p, v) => p with { SourceMilliseconds = (int)v }),
        new("feed.seen_after", 0, 1_000, true, p => p.SeenAfter, (p, v) => p with { SeenAfter = (int)v }),
        new("feed.seen_days", 1, ExposureLedger.HorizonDays, true, p => p.SeenDays, (p, v) => p with { SeenDays = (int)v }),
        new("feed.per_author", 0, 1_000, true, p => p.PerAuthor, (p, v) => p with { PerAuthor = (int)v }),
        new("feed.per_category", 0, 1_000, true, p => p.PerCategory, (p, v) => p with { PerCategory = (int)v }),
        new("feed.diversity", 0, 1, false, p => p.Diversity, (p, v) => p with { Diversity = v }),
        new("feed.diversity_window", 2, 200, true, p => p.DiversityWindow, (p, v) => p with { DiversityWindow = (int)v }),
        new("feed.explore_position", 0, 1_000, true, p => p.ExplorePosition, (p, v) => p with { ExplorePosition = (int)v }),
        new("feed.explore_share", 0, 1, false, p => p.ExploreShare, (p, v) => p with { ExploreShare = v }),
        new("feed.explore_impressions", 1, 1e9, true, p => p.ExploreImpressions, (p, v) => p with { ExploreImpressions = (int)v }),
        new("ads.share", 0, 1, false, p => p.AdShare, (p, v) => p with { AdShare = v }),
        new("ads.first_position", 1, 1_000, true, p => p.FirstAdPosition, (p, v) => p with { FirstAdPosition = (int)v }),
        new("ads.spacing", 1, 1_000, true, p => p.AdSpacing, (p, v) => p with { AdSpacing = (int)v }),
        new("ads.per_advertiser", 1, 1_000, true, p => p.AdsPerAdvertiser, (p, v) => p with { AdsPerAdvertiser = (int)v }),
        new("ads.reserve_ecpm_micros", 0, EventLimits.Micros, true, p => p.ReserveEcpmMicros, (p, v) => p with { ReserveEcpmMicros = (long)v }),
        new("ads.user_daily_cap", 0, 1_000, true, p => p.AdUserDailyCap, (p, v) => p with { AdUserDailyCap = (int)v }),
        new("ads.advertiser_user_daily_cap", 0, 1_000, true, p => p.AdvertiserUserDailyCap, (p, v) => p with { AdvertiserUserDailyCap = (int)v }),
        new("ads.pacing_band", 0, 1, false, p => p.PacingBand, (p, v) => p with { PacingBand = v }),
        new("ads.unit_value", 0, 1e12, false, p => p.UnitValue, (p, v) => p with { UnitValue = v }),
        new("ads.brand_tolerance", 0, 3, true, p => p.BrandTolerance, (p, v) => p with { BrandTolerance = (int)v }),
        new("ads.unknown_risk", 0, 3, true, p => p.UnknownRisk, (p, v) => p with { UnknownRisk = (int)v }),
    ];

    /// <summary>Name and value of all settings, the tables' entries among them, in the order of the names.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Describe(SlatePolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
        return [.. All.Select(setting => KeyValuePair.Create(setting.Name, Text(setting.Get(policy))))
            .Concat(policy.Weights.Select(pair => KeyValuePair.Create($"value.weights.{ActionNames.Of(pair.Key)}", Text(pair.Value))))
            .Concat(policy.AdQuality.Select(pair => KeyValuePair.Create($"ads.quality.{ActionNames.Of(pair.Key)}", Text(pair.Value))))
            .Concat(policy.PacingCurve.Select((share, hour) => KeyValuePair.Create(string.Create(CultureInfo.InvariantCulture, $"ads.pacing_curve.{hour:00}"), Text(share))))
            .OrderBy(pair => pair.Key, StringComparer.Ordinal)];
    }

    /// <summary><paramref name="policy"/> with one setting changed; its range is looked at by <see cref="SlatePolicy.Validate"/>.</summary>
    /// <param name="policy">Left as it is.</param>
    /// <param name="name">Of <see cref="All"/>, or <c>value.weights.</c> or <c>ads.quality.</c> and an action.</param>
    /// <param name="value">The new value.</param>
    /// <exception cref="RefusedException">No such setting, or a fraction for one that takes whole numbers.</exception>
    public static SlatePolicy With(SlatePolicy policy, string name, double value)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(name);
        if (All.FirstOrDefault(setting => setting.Name == name) is { } known)
            // Looked at here: once it is in the policy, the fraction is lost.
            return !known.IsWhole || value == Math.Floor(value) ? known.With(policy, value)
                : throw new RefusedException(string.Create(CultureInfo.InvariantCulture, $"slate policy: {name} is {value}, expected a whole number from {known.Least} to {known.Most}"));
        if (Action(name, "value.weights.") is { } weighed) return policy with { Weights = new Dictionary<InteractionType, double>(policy.Weights) { [weighed] = value } };
        if (Action(name, "ads.quality.") is { } judged) return policy with { AdQuality = new Dictionary<InteractionType, double>(policy.AdQuality) { [judged] = value } };
        throw new RefusedException($"'{name}' is no setting of a policy; near it: {NearestNames.Of(name, All.Select(setting => setting.Name))}");

        static InteractionType? Action(string name, string table) => name.StartsWith(table, StringComparison.Ordinal) ? ActionNames.Parse(name[table.Length..]) : null;
    }

    /// <summary>The policy that <see cref="Describe"/> described.</summary>
    /// <exception cref="RefusedException">A name this build does not know, or a value that is no number or out of range.</exception>
    public static SlatePolicy Restore(IEnumerable<KeyValuePair<string, string>> settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var policy = new SlatePolicy { Weights = new Dictionary<InteractionType, double>(), AdQuality = new Dictionary<InteractionType, double>() };
        var curve = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var (name, text) in settings)
        {
            if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)) throw new RefusedException($"slate policy: {name} is '{text}', expected a number");
            if (name.StartsWith("ads.pacing_curve.", StringComparison.Ordinal)) curve[name] = value;
            else policy = With(policy, name, value);
        }
        policy = policy with { PacingCurve = [.. curve.Values] };
        policy.Validate();
        return policy;
    }

    internal static void Within(double value, double least, double most, string name)
    {
        if (!(value >= least && value <= most)) throw new RefusedException(string.Create(CultureInfo.InvariantCulture, $"slate policy: {name} is {value}, range {least} to {most}"));
    }
}
