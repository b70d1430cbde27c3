namespace Recs.Ranker.Bidding;

/// <summary>One auction of a log.</summary>
/// <param name="Clicked">Whether the impression led to a click.</param>
/// <param name="Price">The highest bid of the others: a bid of at least so much wins and pays it.</param>
/// <param name="ClickRate">Predicted before the auction.</param>
public readonly record struct LoggedAuction(bool Clicked, int Price, double ClickRate);

/// <summary>What a bidder won.</summary>
/// <param name="Impressions">Auctions won.</param>
/// <param name="Clicks">Clicks on them.</param>
/// <param name="Cost">Paid.</param>
public readonly record struct BidOutcome(long Impressions, long Clicks, long Cost);

/// <summary>Replays logged auctions in order, an episode of auctions at a time, each with a budget of its own.</summary>
public static class BidReplay
{
    /// <param name="auctions">In order of time.</param>
    /// <param name="bidder">Decides.</param>
    /// <param name="episode">Auctions of an episode, at least 1; the last episode may be shorter and does not know it.</param>
    /// <param name="budget">Budget of an episode; what is left is lost.</param>
    /// <param name="highestBid">No bid is higher.</param>
    public static BidOutcome Run(IReadOnlyList<LoggedAuction> auctions, Bidder bidder, int episode, int budget, int highestBid)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(episode, 1);
        long impressions = 0, clicks = 0, cost = 0;
        var left = budget;
        for (var i = 0; i < auctions.Count; i++)
        {
            var at = i % episode;
            if (at == 0) left = budget;
            var auction = auctions[i];
            var bid = Math.Min(Math.Min(bidder.Bid(episode - at, left, auction.ClickRate), highestBid), left);
            if (bid < auction.Price) continue;
            impressions++;
            clicks += auction.Clicked ? 1 : 0;
            cost += auction.Price;
            left -= auction.Price;
        }
        return new(impressions, clicks, cost);
    }
}
