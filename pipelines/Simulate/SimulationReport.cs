using System.Text.Json.Serialization;
using Recs.Domain;
using Spectre.Console;
using static System.FormattableString;

namespace Recs.Pipelines.Simulate;

/// <summary>What <c>recs simulate --json</c> writes.</summary>
internal sealed record SimulationReport(
    int Visits, IReadOnlyDictionary<string, int> Degraded, double P50Ms, double P99Ms, PacingReport Pacing, IReadOnlyList<LearningBlock> Learning, ExplorationReport Exploration, DecisionReport Decisions)
{
    private const int Blocks = 4;

    public static SimulationReport Of(SimulationOutcome outcome, SimulationOptions options, IReadOnlyList<double> curve)
    {
        var took = outcome.Visits.Select(visit => visit.Took.TotalMilliseconds).Order().ToList();
        double At(double share) => took.Count == 0 ? 0 : took[Math.Min(took.Count - 1, (int)(share * took.Count))];
        return new(outcome.Visits.Count, outcome.Visits.CountBy(visit => visit.Degraded).ToDictionary(StringComparer.Ordinal), At(0.5), At(0.99), PacingReport.Of(outcome, options, curve),
            [.. Enumerable.Range(0, Blocks).Select(block => LearningBlock.Of(outcome, block, Blocks))], ExplorationReport.Of(outcome),
            new(outcome.Visits.Count, outcome.Decisions.Published, outcome.Decisions.Dropped, outcome.Kept));
    }

    /// <summary>The same for a person.</summary>
    public void Show(IAnsiConsole console)
    {
        console.WriteLine(Invariant($"{Visits:N0} visits answered over HTTP, p50 {P50Ms:0.0} ms, p99 {P99Ms:0.0} ms; {string.Join(", ", Degraded.Select(pair => $"{pair.Value} {pair.Key}"))}"));
        console.WriteLine();
        console.WriteLine("campaign      bid        budget    spent   of it  farthest hour");
        foreach (var campaign in Pacing.Campaigns)
            console.WriteLine(Invariant($"{campaign.Id,-12}  {campaign.Strategy,-8}  {campaign.Budget,7:0.00}  {campaign.Spent,7:0.00}  {campaign.Spent / campaign.Budget,5:P1}  {campaign.FarthestHour,6:P1}{(campaign.IsLimited ? "" : "   more budget than there was to buy")}"));
        console.WriteLine(Invariant($"limited by budget: {Pacing.Campaigns.Count(campaign => campaign.IsLimited)}; within 2 % of it {Pacing.WithinTwoPercent}, each hour within 10 % of plan {Pacing.HoursWithinTenPercent}"));
        console.WriteLine();
        foreach (var block in Learning)
            console.WriteLine(Invariant($"hours {block.FromHour,2}-{block.ToHour,2}: clicks by shown content {block.ClickRate:P2}; of the way from random ({block.Random:P1}) to the best there is ({block.Best:P1}): {block.Share:P0}"));
        console.WriteLine(Invariant($"new items: {Exploration.Tried:N0} of {Exploration.Slots:N0} slots tried one (expected {Exploration.Expected:N0}); {Exploration.Reached:N0} of {Exploration.New:N0} new items were shown"));
        console.WriteLine(Invariant($"decisions: {Decisions.Made:N0} made, {Decisions.Published:N0} published, {Decisions.Dropped:N0} dropped, {Decisions.Kept:N0} in the store"));
    }
}

/// <summary>How budgets were spent.</summary>
internal sealed record PacingReport(IReadOnlyList<CampaignReport> Campaigns, int WithinTwoPercent, int HoursWithinTenPercent)
{
    public static PacingReport Of(SimulationOutcome outcome, SimulationOptions options, IReadOnlyList<double> curve)
    {
        var spent = new Dictionary<ItemId, double[]>();
        foreach (var visit in outcome.Visits)
            foreach (var place in visit.Places)
            {
                if (place.PriceMicros == 0) continue;
                if (!spent.TryGetValue(place.Item, out var hours)) spent[place.Item] = hours = new double[24];
                hours[Math.Clamp((int)((visit.Time - outcome.Start).TotalHours), 0, 23)] += place.PriceMicros / 1e9;
            }
        List<CampaignReport> campaigns = [.. outcome.World.Campaigns.Select(campaign =>
        {
            var hours = spent.GetValueOrDefault(campaign.Item.Id) ?? new double[24];
            var budget = Advertisers.Budget(campaign, options.ImpressionsEach) / 1e6;
            // By how much the hour that strays most strays, of what was planned for it.
            var farthest = Enumerable.Range(0, 24).Max(hour => Math.Abs(hours[hour] / (budget * curve[hour] / curve.Sum()) - 1));
            return new CampaignReport(campaign.Item.Id.Value, campaign.Strategy.ToString().ToLowerInvariant(), campaign.IsLimited, budget, hours.Sum(), farthest, hours);
        })];
        var limited = campaigns.Where(campaign => campaign.IsLimited).ToList();
        return new(campaigns, limited.Count(campaign => Math.Abs(campaign.Spent / campaign.Budget - 1) <= 0.02), limited.Count(campaign => campaign.FarthestHour <= 0.1));
    }
}

/// <summary>One campaign's day, in units of the currency.</summary>
internal sealed record CampaignReport(string Id, string Strategy, bool IsLimited, double Budget, double Spent, double FarthestHour, IReadOnlyList<double> ByHour);

/// <summary>How well slates met tastes in a part of the day.</summary>
/// <param name="FromHour">First hour.</param>
/// <param name="ToHour">The hour after the last.</param>
/// <param name="ClickRate">Clicks by content shown.</param>
/// <param name="Shown">Mean appeal of the content shown.</param>
/// <param name="Random">Mean appeal of all content to those who came.</param>
/// <param name="Best">Mean appeal of the content that appeals to them most, as many as were shown.</param>
/// <param name="Share">(shown − random) / (best − random).</param>
internal sealed record LearningBlock(int FromHour, int ToHour, double ClickRate, double Shown, double Random, double Best, double Share)
{
    public static LearningBlock Of(SimulationOutcome outcome, int block, int blocks)
    {
        var (from, to) = (block * 24 / blocks, (block + 1) * 24 / blocks);
        double shown = 0, random = 0, best = 0, clicks = 0, places = 0, visits = 0;
        var all = outcome.World.Content.Count;
        foreach (var visit in outcome.Visits.Where(visit => (visit.Time - outcome.Start).TotalHours is var hour && hour >= from && hour < to))
        {
            var content = visit.Places.Where(place => place.PriceMicros == 0).ToList();
            if (content.Count == 0) continue;
            var appeals = Enumerable.Range(0, all).Select(item => outcome.World.Appeal(visit.User, item)).OrderDescending().ToList();
            shown += content.Average(place => place.Appeal);
            random += appeals.Average();
            best += appeals.Take(content.Count).Average();
            clicks += content.Count(place => place.Clicked);
            places += content.Count;
            visits++;
        }
        return visits == 0 ? new(from, to, 0, 0, 0, 0, 0) : new(from, to, clicks / places, shown / visits, random / visits, best / visits, (shown - random) / (best - random));
    }
}

/// <summary>What became of the slot for new items.</summary>
/// <param name="Slots">Slates whose slot could have tried one.</param>
/// <param name="Tried">That did.</param>
/// <param name="Expected">By the policy's share.</param>
/// <param name="New">Items that came into being just before the day.</param>
/// <param name="Reached">Of them, shown at least once.</param>
internal sealed record ExplorationReport(int Slots, int Tried, double Expected, int New, int Reached)
{
    public static ExplorationReport Of(SimulationOutcome outcome)
    {
        var slots = outcome.Visits.SelectMany(visit => visit.Places).Where(place => place.Propensity is < 1).ToList();
        // Where the usual item stands the propensity is 1 − share; a tried one has share / candidates, which is at most the share.
        var tried = slots.Count(place => place.Propensity <= Simulation.Policy.ExploreShare + 1e-12);
        HashSet<ItemId> young = [.. outcome.World.Content.Where((_, at) => at % 3 == 2).Select(item => item.Id)];
        return new(slots.Count, tried, slots.Count * Simulation.Policy.ExploreShare, young.Count, outcome.Visits.SelectMany(visit => visit.Places).Select(place => place.Item).Where(young.Contains).Distinct().Count());
    }
}

/// <summary>The ledger's day.</summary>
internal sealed record DecisionReport(int Made, long Published, long Dropped, long Kept);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(SimulationReport))]
internal sealed partial class SimulationJson : JsonSerializerContext;
