using Recs.Ranker.Bidding;

namespace Recs.Ranker.Tests.Bidding;

public sealed class OptimalBidderTests
{
    /// <summary>V(n, b) by trying every bid at every price: what the solver does without trying.</summary>
    private static double Brute(PriceDistribution prices, double rate, int highest, int auctions, int budget)
    {
        if (auctions == 0) return 0;
        var best = double.NegativeInfinity;
        for (var bid = 0; bid <= Math.Min(highest, budget); bid++)
        {
            double value = 0, won = 0;
            for (var price = 0; price <= Math.Min(bid, prices.Highest); price++)
            {
                value += prices.Share(price) * (rate + Brute(prices, rate, highest, auctions - 1, budget - price));
                won += prices.Share(price);
            }
            best = Math.Max(best, value + (1 - won) * Brute(prices, rate, highest, auctions - 1, budget));
        }
        return best;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Expected_AnyMarket_IsTheBestOfAllBids(int seed)
    {
        var random = new Random(seed);
        var prices = PriceDistribution.Of([.. Enumerable.Range(0, 5).Select(_ => (long)random.Next(20))]);
        var bidder = new OptimalBidder(prices, 0.1, 5, 6, highestBid: 4);
        for (var auctions = 0; auctions < 5; auctions++)
            for (var budget = 0; budget <= 6; budget++)
                Assert.Equal(Brute(prices, 0.1, 4, auctions, budget), bidder.Expected(auctions, budget), 12);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void Bid_HigherRate_NeverBidsLessAndStaysInTheBudget(int seed)
    {
        var random = new Random(seed);
        var bidder = new OptimalBidder(PriceDistribution.Of([.. Enumerable.Range(0, 30).Select(_ => (long)random.Next(50))]), 0.01, 40, 60, 25);
        for (var left = 1; left <= 40; left++)
            for (var budget = 0; budget <= 60; budget += 5)
            {
                var before = 0;
                foreach (var rate in new[] { 0, .001, .005, .01, .02, .05, .5 })
                {
                    var bid = bidder.Bid(left, budget, rate);
                    Assert.InRange(bid, before, Math.Min(25, budget));
                    before = bid;
                }
            }
    }

    [Fact]
    public void Bid_NoTrust_IsTheSameForEveryRate()
    {
        var bidder = new OptimalBidder(PriceDistribution.Of([1, 5, 5, 5]), 0.1, 10, 10, 3, trust: 0);
        Assert.Equal(bidder.Bid(8, 6, 0.1), bidder.Bid(8, 6, 0.9));
        Assert.Equal(3, bidder.Bid(1, 10, 0.1)); // the last auction: what is left buys nothing later
    }

    [Fact]
    public void Run_Episodes_HoldBudgetPriceAndHighestBid()
    {
        LoggedAuction[] log = [new(true, 5, .5), new(true, 4, .5), new(false, 2, .5), new(true, 9, .5), new(true, 5, .5)];
        // Episodes of three, a budget of 8 each: 5, then 4 is above the 3 left, then 2; then 9 is above the budget, then 5.
        Assert.Equal(new BidOutcome(3, 2, 12), BidReplay.Run(log, new LinearBidder(1_000), 3, 8, 300));
        Assert.Equal(new BidOutcome(1, 0, 2), BidReplay.Run(log, new LinearBidder(1_000), 3, 8, 3));
        Assert.Equal(new BidOutcome(2, 1, 6), BidReplay.Run(log, new LinearBidder(9), 3, 8, 300)); // bids 4: the whole part of 4.5
    }
}
