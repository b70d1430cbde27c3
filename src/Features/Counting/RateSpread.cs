namespace Recs.Features.Counting;

/// <summary>
/// How the rates k/n of a scope's keys scatter, in integers: Σ n(n−1), Σ k(n−1) and Σ k(k−1) over the keys, where k are a key's positives and n its
/// trials. They depend on the keys' totals alone, so they are the same for any order of the events.
/// For keys that draw their rates from Beta(α, β), E[k(n−1)] = n(n−1)·m and E[k(k−1)] = n(n−1)·(m² + m(1−m)/(α+β+1)) with m = α/(α+β):
/// a closed estimate of the strength α+β by moments (Kleinman 1973, J. Am. Stat. Assoc. 68, 46).
/// </summary>
internal sealed class RateSpread
{
    private Int128 _trials, _cross, _positives;

    /// <summary>A key's totals were the one and are the other now.</summary>
    public void Replace(in KeyTotals before, in KeyTotals after)
    {
        Add(before, -1);
        Add(after, 1);
    }

    /// <summary>α + β: how many trials of its own weigh as much as the prior. In [<paramref name="least"/>, <paramref name="most"/>]; <paramref name="unknown"/> before any key has two trials.</summary>
    public double Strength(double least, double most, double unknown)
    {
        if (_trials <= 0) return unknown;
        double pairs = (double)_trials, mean = (double)_cross / pairs;
        var spread = (double)_positives / pairs - mean * mean;
        if (!(mean is > 0 and < 1)) return unknown;
        return spread > 0 ? Math.Clamp(mean * (1 - mean) / spread - 1, least, most) : most;
    }

    private void Add(in KeyTotals totals, int sign)
    {
        long trials = totals.Trials, positives = totals.Positives;
        if (trials == 0) return;
        if (trials is > 0 and < int.MaxValue && positives >= 0)
        {
            // Products of two numbers below 2^31: 64 bits hold them.
            _trials += sign * (trials * (trials - 1));
            _cross += sign * (positives * (trials - 1));
            _positives += sign * (positives * (positives - 1));
            return;
        }
        _trials += sign * (Int128)trials * (trials - 1);
        _cross += sign * (Int128)positives * (trials - 1);
        _positives += sign * (Int128)positives * (positives - 1);
    }
}
