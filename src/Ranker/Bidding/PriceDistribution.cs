namespace Recs.Ranker.Bidding;

/// <summary>How often the highest bid of the others is a given price: what a bidder must reach. Immutable; safe from any thread.</summary>
public sealed class PriceDistribution
{
    private readonly double[] _shares;

    private PriceDistribution(double[] shares) => _shares = shares;

    /// <summary>The highest price that has a share.</summary>
    public int Highest => _shares.Length - 1;

    /// <summary>The share of <paramref name="price"/>; 0 beyond <see cref="Highest"/>.</summary>
    public double Share(int price) => price < _shares.Length ? _shares[price] : 0;

    /// <summary>Shares from counts, each price given one auction more than was seen (Laplace), so that none is held impossible.</summary>
    /// <param name="counts">Auctions by price from 0; at least one entry, none negative.</param>
    /// <exception cref="ArgumentException">No counts, or a negative one.</exception>
    public static PriceDistribution Of(IReadOnlyList<long> counts)
    {
        if (counts.Count == 0 || counts.Any(count => count < 0)) throw new ArgumentException("a price distribution needs counts of 0 or more from price 0 on", nameof(counts));
        double sum = counts.Sum() + counts.Count;
        return new([.. counts.Select(count => (count + 1) / sum)]);
    }
}
