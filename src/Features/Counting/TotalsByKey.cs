using Recs.Domain.Events;

namespace Recs.Features.Counting;

/// <summary>
/// What was counted of each key, ever, and how the keys' rates scatter. Follows from the keys' series; kept beside them because every rate reads it.
/// </summary>
internal sealed class TotalsByKey
{
    private KeyTotals[] _totals = [];

    /// <summary>How the keys' rates scatter: what a prior's strength is learned from.</summary>
    public RateSpread Spread { get; } = new();

    /// <summary>All of a key, ever; nothing for −1.</summary>
    public KeyTotals this[int key] => (uint)key < (uint)_totals.Length ? _totals[key] : default;

    /// <summary>Counts an event of a kind so many times more; fewer where negative.</summary>
    public void Count(int key, int kind, long times)
    {
        if (key >= _totals.Length) Array.Resize(ref _totals, Math.Max(key + 1, _totals.Length * 2));
        ref var totals = ref _totals[key];
        var before = totals;
        if (kind == CounterScope.Impression) totals.Impressions += times;
        else if (((InteractionType)kind).IsPositive()) totals.Positives += times;
        else if (((InteractionType)kind).IsNegative()) totals.Negatives += times;
        else return;
        Spread.Replace(before, totals);
    }

    /// <summary>As if nothing had ever been counted of the key.</summary>
    public void Remove(int key)
    {
        if ((uint)key >= (uint)_totals.Length) return;
        Spread.Replace(_totals[key], default);
        _totals[key] = default;
    }
}
