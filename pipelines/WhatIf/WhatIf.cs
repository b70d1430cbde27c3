using Recs.Domain;
using Recs.Domain.Decisions;
using Recs.Domain.Events;
using Recs.Ranker.Model;
using Recs.Ranker.Slates;
using Recs.Storage;
using Recs.Storage.Reports;

namespace Recs.Pipelines.WhatIf;

/// <summary>
/// What another slate policy would have earned: makes the kept decisions again under it, from the inputs they were made from, keeps the chances it would have given
/// to what was shown as a run of <c>policy_row</c>, and answers with the report <c>off_policy</c>. The reward model is the ranker's own head.
/// </summary>
/// <param name="store">Migrated; its thread rule holds here too.</param>
/// <param name="models">Every model that answered.</param>
internal sealed class WhatIf(IRecsStore store, IReadOnlyList<RankerModel> models)
{
    /// <summary>Its name among the reports.</summary>
    public const string Name = "what-if";

    private static readonly string[] OfRewards = ["from", "to", "reward"], OfEstimate = [.. ReportRunner.Describe("off_policy").Parameters.Select(parameter => parameter.Name)];

    /// <param name="policy">The other policy, valid.</param>
    /// <param name="given">Parameters of the reports off_policy_rewards (from, to, reward) and off_policy; run names the comparison, default what-if.</param>
    /// <param name="cancel">Ends it; nothing is kept then.</param>
    /// <exception cref="RefusedException">A parameter is unknown or wrong, there are no decisions, or none of them can be made again.</exception>
    public WhatIfResult Run(SlatePolicy policy, IReadOnlyDictionary<string, string> given, CancellationToken cancel)
    {
        if (given.Keys.FirstOrDefault(name => !OfRewards.Contains(name) && !OfEstimate.Contains(name)) is { } unknown)
            throw new RefusedException($"report {Name} has no parameter '{unknown}'; it has {string.Join(", ", OfRewards.Concat(OfEstimate))}");
        var run = given.GetValueOrDefault("run", Name);
        if (run is "" or "all") throw new RefusedException($"run is '{run}', expected a name for the comparison");
        var runner = new ReportRunner(store);
        var logged = runner.Run("off_policy_rewards", given.Where(pair => OfRewards.Contains(pair.Key)).ToDictionary());
        if (logged.Rows.Count == 0) throw new RefusedException($"report {Name}: no place of a kept decision was shown in these days; impressions carry the request_id of the answer");
        var head = given.GetValueOrDefault("reward", "click") switch
        {
            "click" => InteractionType.Click, "like" => InteractionType.Like, "conversion" => InteractionType.Conversion, _ => (InteractionType?)null, // no head predicts a worth
        };
        var (rows, skipped) = Compare(logged, policy, head, cancel);
        if (rows.Count == 0) throw new RefusedException($"report {Name}: none of {skipped.Count} decisions could be made again; the first: {skipped.First().Value}");
        store.SavePolicyRows(run, rows);
        var estimate = given.Where(pair => OfEstimate.Contains(pair.Key)).ToDictionary();
        estimate["run"] = run;
        return new(runner.Run("off_policy", estimate), skipped);
    }

    private (List<PolicyRow> Rows, Dictionary<string, string> Skipped) Compare(Table logged, SlatePolicy policy, InteractionType? head, CancellationToken cancel)
    {
        var chances = models.DistinctBy(model => model.Version).ToDictionary(model => model.Version, model => new SlateChances(model, policy));
        List<PolicyRow> rows = [];
        Dictionary<string, string> skipped = new(StringComparer.Ordinal);
        foreach (var decision in logged.Rows.GroupBy(row => (string)row[0]!))
        {
            cancel.ThrowIfCancellationRequested();
            try
            {
                var kept = store.FindDecision(decision.Key) ?? throw new InvalidDataException($"{decision.Key} is not in the store any more");
                var ranker = chances.GetValueOrDefault(kept.Versions.Model) ?? throw new InvalidDataException($"{decision.Key} was made with model {kept.Versions.Model}; name its folder with --model too");
                rows.AddRange(Compare(decision, kept, ranker, policy, head));
            }
            catch (InvalidDataException cannot)
            {
                skipped[decision.Key] = cannot.Message;
            }
        }
        return (rows, skipped);
    }

    private static List<PolicyRow> Compare(IEnumerable<IReadOnlyList<object?>> shown, Decision kept, SlateChances ranker, SlatePolicy policy, InteractionType? head)
    {
        var (inputs, ran) = SlateRecord.Unpack(kept.Inputs);
        using (inputs)
        {
            // Likenesses are on tape in the order in which the policy that ran asked for them.
            if (policy.Diversity > 0 && policy.Version != ran.Version)
                throw new InvalidDataException($"{kept.Id}: the record holds only the likenesses that its own policy asked for; feed.diversity of the other policy must be 0");
            var places = ranker.Of(inputs);
            return [.. shown.Select(row =>
            {
                var (position, item, propensity) = ((int)(long)row[2]!, new ItemId((string)row[3]!), (double)row[4]!);
                var place = position <= places.Count ? places[position - 1] : [];
                var there = place.FirstOrDefault(chance => chance.Item == item);
                return new PolicyRow((string)row[1]!, position, item.Value, (double)row[5]!, propensity, there?.Chance ?? 0,
                    there is null ? 0 : Modelled(there, head), place.Sum(chance => chance.Chance * Modelled(chance, head)));
            })];
        }
    }

    private static double Modelled(ItemChance chance, InteractionType? head) => chance.Heads.FirstOrDefault(known => known.Action == head).Probability;
}

/// <summary>The answer.</summary>
/// <param name="Estimates">As the report off_policy gives them.</param>
/// <param name="Skipped">Decisions that could not be made again, with the reason; their rows are no part of the estimates.</param>
internal sealed record WhatIfResult(Table Estimates, IReadOnlyDictionary<string, string> Skipped);
