namespace Recs.Ranker.Bidding;

/// <summary>
/// Decides on bids. It sees how many auctions of the episode are left (this one included), the budget that is left, and the predicted
/// click rate of the impression on offer; never the price or the outcome of this auction or of a later one.
/// </summary>
public abstract class Bidder
{
    /// <summary>The bid, at least 0; the replay holds it within the budget and the highest bid allowed.</summary>
    /// <param name="auctionsLeft">At least 1.</param>
    /// <param name="budgetLeft">At least 0.</param>
    /// <param name="clickRate">Predicted, 0 to 1.</param>
    public abstract int Bid(int auctionsLeft, int budgetLeft, double clickRate);
}

/// <summary>Bid = whole part of the predicted click rate × value of a click; it does not look at budget or time.</summary>
/// <param name="clickValue">What a click is worth, in the currency of the bids.</param>
public sealed class LinearBidder(double clickValue) : Bidder
{
    /// <inheritdoc/>
    public override int Bid(int auctionsLeft, int budgetLeft, double clickRate) => (int)Math.Min(int.MaxValue, clickRate * clickValue);
}
