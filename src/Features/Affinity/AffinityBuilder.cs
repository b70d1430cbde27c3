using System.Runtime.InteropServices;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Features.State;

namespace Recs.Features.Affinity;

/// <summary>
/// Counts co-engagement: how many (user, UTC day) baskets hold both of two items. Facts are added in the order in which
/// they became known; <see cref="Build"/> may be called at any moment in between, so one pass gives the table of every week.
/// Thread rule: one thread.
/// </summary>
public sealed class AffinityBuilder
{
    /// <summary>Items of a basket that count; the rest of a larger one is left out, so that one bulk order cannot swamp the pairs.</summary>
    public const int BasketCapacity = 300;

    /// <summary>Neighbours kept for an item.</summary>
    public const int Neighbours = 64;

    /// <summary>Baskets a pair must share to count: a pair seen once is mostly chance.</summary>
    public const int MinimumSupport = 2;

    /// <summary>Shared baskets at which a pair's cosine is trusted by half.</summary>
    private const float Shrinkage = 3;

    private readonly RatingTableBuilder? _ratings;
    private readonly Interner _items = new();
    private readonly Dictionary<(string User, int Day), List<int>> _baskets = [];
    private readonly List<int> _counts = [];

    // A pair met once stands for 1, a pair met again for the place of its count, as −1 − place: a table is made of these alone.
    private readonly Dictionary<long, int> _pairs = [];
    private readonly List<(long Pair, int Together)> _supported = [];

    /// <param name="ratings">Whether to keep who liked and disliked what as well: <see cref="FeatureSchema.NeedsRatings"/>.</param>
    public AffinityBuilder(bool ratings = false) => _ratings = ratings ? new() : null;

    /// <summary>Takes in one event; only positive interactions count, negative ones for the ratings.</summary>
    public void Add(Event source)
    {
        if (_ratings is not null && source is Interaction rated && (rated.Action.IsPositive() || rated.Action.IsNegative()))
            _ratings.Add(rated.User.Value, rated.Item.Value, rated.Action.IsPositive());
        if (source is not Interaction interaction || !interaction.Action.IsPositive()) return;
        var item = _items.Intern(interaction.Item.Value);
        if (item == _counts.Count) _counts.Add(0);
        ref var basket = ref CollectionsMarshal.GetValueRefOrAddDefault(_baskets, (interaction.User.Value, interaction.Time.DayIndex), out _);
        basket ??= [];
        if (basket.Count >= BasketCapacity || basket.Contains(item)) return;
        foreach (var other in basket) Count(Pair(item, other));
        basket.Add(item);
        _counts[item]++;
    }

    /// <summary>The table of what was added so far. Strength = n(a,b) / √(n(a)·n(b)) · n(a,b) / (n(a,b) + 3).</summary>
    /// <param name="before">The moment before which everything added was known.</param>
    public AffinityTable Build(Timestamp before)
    {
        var best = new Strongest[_items.Count];
        // The weakest strength that a full list holds: nearly all pairs end at this comparison.
        var weakest = new float[_items.Count];
        var scale = new float[_items.Count];
        for (var i = 0; i < scale.Length; i++) scale[i] = (float)(1 / Math.Sqrt(Math.Max(1, _counts[i])));
        foreach (var (pair, together) in CollectionsMarshal.AsSpan(_supported))
        {
            int a = (int)(pair >> KeyBits), b = (int)(pair & (1L << KeyBits) - 1);
            var strength = scale[a] * scale[b] * together * (together / (together + Shrinkage));
            if (strength >= weakest[a]) weakest[a] = best[a].Offer(b, strength, _items);
            if (strength >= weakest[b]) weakest[b] = best[b].Offer(a, strength, _items);
        }

        var neighbours = new int[_items.Count][];
        var strengths = new float[_items.Count][];
        for (var i = 0; i < neighbours.Length; i++) (neighbours[i], strengths[i]) = best[i].Sorted(_items);
        return new(before, [.. Enumerable.Range(0, _items.Count).Select(i => _items[i])], neighbours, strengths, _ratings?.Build());
    }

    private void Count(long pair)
    {
        ref var met = ref CollectionsMarshal.GetValueRefOrAddDefault(_pairs, pair, out _);
        if (met < 0)
        {
            CollectionsMarshal.AsSpan(_supported)[-1 - met].Together++;
            return;
        }
        if (++met < MinimumSupport) return;
        _supported.Add((pair, met));
        met = -_supported.Count;
    }

    // 2^22 items. A shift of 32 would make the hash of a long, high half ^ low half, the same for very many pairs.
    private const int KeyBits = 22;

    private static long Pair(int a, int b) => a < b ? (long)a << KeyBits | (uint)b : (long)b << KeyBits | (uint)a;
}
