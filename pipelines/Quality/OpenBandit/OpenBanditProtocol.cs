using System.Globalization;
using Recs.Domain.Decisions;
using Recs.Pipelines.CommandLine;
using Recs.Ranker.Training;

namespace Recs.Pipelines.Quality.OpenBandit;

/// <summary>
/// Off-policy evaluation: what Bernoulli Thompson sampling would earn, from the log of the uniform policy. The evaluated policy is the share of each item by position
/// in its own log; the reward model is the mean click by position and item in the uniform log (0 for a pair it never showed).
/// The estimates are the report off_policy's. The clicks that the evaluated policy did earn stand beside the estimates.
/// </summary>
internal sealed class OpenBanditProtocol : QualityProtocol
{
    private const int Draws = 300;

    public override string Dataset => "open-bandit";

    public override string TestFile => "a log of the uniform policy in its place random/CAMPAIGN/CAMPAIGN.csv, with bts/CAMPAIGN/CAMPAIGN.csv beside";

    public override IReadOnlyList<Learner> TakesLearners => [];

    public override async Task<QualityOutcome> Judge(QualityRequest request, StageBoard board, CancellationToken cancel)
    {
        var log = await board.Run("read", "reading the logs", _ =>
        {
            var read = BanditLog.Read(request.Data, request.Test);
            return Done(Say($"campaign {read.Campaign}: {read.Uniform.Count:N0} rows of the uniform policy, {read.Thompson.Count:N0} of the evaluated one"), read);
        });
        return await board.Run("estimate", "estimating", _ =>
        {
            var rows = Rows(log);
            var (figures, intervals) = BanditEstimate.Of(rows, Draws, request.Seed);
            static QualityFigures Earned(IReadOnlyList<BanditRow> shown) => new() { Ips = shown.Average(row => row.Clicked ? 1.0 : 0) };
            var result = new QualityResult(Dataset,
                $"campaign {log.Campaign}: clicks an impression of the policy whose item shares by position are those of the bts log, estimated from the random log; reward model of dm and dr: mean click by position and item in the random log; under ablations, the clicks that either log did earn",
                figures, new(), new Dictionary<string, QualityFigures> { ["bts_log"] = Earned(log.Thompson), ["random_log"] = Earned(log.Uniform) },
                new(log.Thompson.Count, 0, log.Uniform.Count)) { Intervals = intervals };
            return Done(Say($"IPS {figures.Ips:0.000000}, SNIPS {figures.Snips:0.000000}, DR {figures.Dr:0.000000}"), new QualityOutcome(result, [], []));
        });
    }

    private static List<PolicyRow> Rows(BanditLog log)
    {
        var shares = log.Thompson.GroupBy(row => row.Position).ToDictionary(position => position.Key,
            position => position.GroupBy(row => row.Item).ToDictionary(item => item.Key, item => (double)item.Count() / position.Count()));
        var clicks = log.Uniform.GroupBy(row => (row.Position, row.Item)).ToDictionary(pair => pair.Key, pair => pair.Average(row => row.Clicked ? 1.0 : 0));
        double Modelled(int position, int item) => clicks.GetValueOrDefault((position, item));
        double Share(int position, int item) => shares.GetValueOrDefault(position)?.GetValueOrDefault(item) ?? 0;
        var policy = shares.ToDictionary(position => position.Key, position => position.Value.OrderBy(item => item.Key).Sum(item => item.Value * Modelled(position.Key, item.Key)));
        return [.. log.Uniform.Select((row, at) => new PolicyRow(
            at.ToString(CultureInfo.InvariantCulture), row.Position, row.Item.ToString(CultureInfo.InvariantCulture), row.Clicked ? 1 : 0, row.Propensity, Share(row.Position, row.Item), Modelled(row.Position, row.Item), policy.GetValueOrDefault(row.Position)))];
    }
}
