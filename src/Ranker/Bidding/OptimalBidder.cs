namespace Recs.Ranker.Bidding;

/// <summary>
/// Spends a budget over an episode of auctions so that the expected clicks are the most, given how prices are distributed and the mean click rate.
/// V(n, b), the clicks to expect from n auctions with budget b, is solved from the end: V(0, b) = 0,
/// V(n, b) = V(n−1, b) + Σ over prices δ ≤ min(b, highest bid) of share(δ) · max(0, mean rate + V(n−1, b−δ) − V(n−1, b)).
/// The bid is the highest price whose impression is still worth what its cost would win later: the greatest δ with rate ≥ V(n−1, b) − V(n−1, b−δ).
/// Source: Cai et al., "Real-time bidding by reinforcement learning in display advertising" (WSDM 2017). Immutable; safe from any thread.
/// </summary>
public sealed class OptimalBidder : Bidder
{
    private readonly double[][] _values;
    private readonly int _budget;
    private readonly int _highestBid;
    private readonly double _meanRate;
    private readonly double _trust;

    /// <param name="prices">Of the market, from earlier auctions.</param>
    /// <param name="meanRate">Mean click rate of earlier impressions, above 0 to 1.</param>
    /// <param name="auctions">Auctions of an episode, at least 1.</param>
    /// <param name="budget">Budget of an episode, at least 0.</param>
    /// <param name="highestBid">The highest bid allowed, at least 0.</param>
    /// <param name="trust">
    /// How far a predicted rate moves the bid: the rate bid for is mean · (predicted / mean)^trust. 1 takes predictions at their word (RLB), 0 bids for every impression alike (SS-MDP).
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A number outside its range.</exception>
    public OptimalBidder(PriceDistribution prices, double meanRate, int auctions, int budget, int highestBid, double trust = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(auctions, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(budget);
        ArgumentOutOfRangeException.ThrowIfNegative(highestBid);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(meanRate);
        ArgumentOutOfRangeException.ThrowIfNegative(trust);
        (_budget, _highestBid, _meanRate, _trust) = (budget, highestBid, meanRate, trust);
        _values = new double[auctions][];
        _values[0] = new double[budget + 1];
        for (var n = 1; n < auctions; n++) _values[n] = Step(_values[n - 1], prices);
    }

    /// <summary>The clicks to expect from the last <paramref name="auctions"/> of an episode with <paramref name="budget"/> left.</summary>
    /// <param name="auctions">0 to one less than an episode has.</param>
    /// <param name="budget">0 to the episode's budget.</param>
    public double Expected(int auctions, int budget) => _values[auctions][budget];

    /// <inheritdoc/>
    public override int Bid(int auctionsLeft, int budgetLeft, double clickRate)
    {
        var later = _values[Math.Min(auctionsLeft, _values.Length) - 1];
        var budget = Math.Min(budgetLeft, _budget);
        var rate = _meanRate * Math.Pow(clickRate / _meanRate, _trust);
        // Worth falls as the price rises, so the last price that is worth it is found by halving.
        int low = 0, high = Math.Min(_highestBid, budget);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (rate >= later[budget] - later[budget - middle]) low = middle;
            else high = middle - 1;
        }
        return low;
    }

    private double[] Step(double[] later, PriceDistribution prices)
    {
        var values = new double[later.Length];
        var shares = new double[Math.Min(_highestBid, prices.Highest) + 1];
        for (var price = 0; price < shares.Length; price++) shares[price] = prices.Share(price);
        Parallel.For(0, later.Length, budget =>
        {
            var gained = 0.0;
            for (var price = 0; price < shares.Length && price <= budget; price++)
            {
                var gain = _meanRate + later[budget - price] - later[budget];
                if (gain < 0) break; // it only falls from here on
                gained += shares[price] * gain;
            }
            values[budget] = later[budget] + gained;
        });
        return values;
    }
}
