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

    // Of equal strengths the smaller id is the stronger, so that the table does not depend on the order of the pairs.
    private static readonly Comparer<(float Strength, string Id)> WeakestFirst = Comparer<(float Strength, string Id)>.Create((a, b) =>
        a.Strength != b.Strength ? a.Strength.CompareTo(b.Strength) : string.CompareOrdinal(b.Id, a.Id));

    private readonly RatingTableBuilder? _ratings;
    private readonly Interner _items = new();
    private readonly Dictionary<(string User, int Day), List<int>> _baskets = [];
    private readonly List<int> _counts = [];
    private readonly Dictionary<long, int> _pairs = [];

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
        foreach (var other in basket) CollectionsMarshal.GetValueRefOrAddDefault(_pairs, Pair(item, other), out _)++;
        basket.Add(item);
        _counts[item]++;
    }

    /// <summary>The table of what was added so far. Strength = n(a,b) / √(n(a)·n(b)) · n(a,b) / (n(a,b) + 3).</summary>
    /// <param name="before">The moment before which everything added was known.</param>
    public AffinityTable Build(Timestamp before)
    {
        var best = new PriorityQueue<int, (float Strength, string Id)>?[_items.Count];
        // The weakest strength a full queue holds: nearly all pairs end at this comparison.
        var weakest = new float[_items.Count];
        var scale = new float[_items.Count];
        for (var i = 0; i < scale.Length; i++) scale[i] = (float)(1 / Math.Sqrt(Math.Max(1, _counts[i])));
        foreach (var (pair, together) in _pairs)
        {
            if (together < MinimumSupport) continue;
            int a = (int)(pair >> KeyBits), b = (int)(pair & (1L << KeyBits) - 1);
            var strength = scale[a] * scale[b] * together * (together / (together + Shrinkage));
            if (strength >= weakest[a]) Offer(best, weakest, a, b, strength);
            if (strength >= weakest[b]) Offer(best, weakest, b, a, strength);
        }

        var neighbours = new int[_items.Count][];
        var strengths = new float[_items.Count][];
        for (var i = 0; i < neighbours.Length; i++)
        {
            var count = best[i]?.Count ?? 0;
            neighbours[i] = new int[count];
            strengths[i] = new float[count];
            for (var at = count - 1; at >= 0; at--)
            {
                best[i]!.TryDequeue(out neighbours[i][at], out var priority);
                strengths[i][at] = priority.Strength;
            }
        }
        return new(before, [.. Enumerable.Range(0, _items.Count).Select(i => _items[i])], neighbours, strengths, _ratings?.Build());
    }

    private void Offer(PriorityQueue<int, (float Strength, string Id)>?[] best, float[] weakest, int item, int neighbour, float strength)
    {
        var queue = best[item] ??= new(WeakestFirst);
        if (queue.Count < Neighbours) queue.Enqueue(neighbour, (strength, _items[neighbour]));
        else queue.EnqueueDequeue(neighbour, (strength, _items[neighbour]));
        if (queue.Count == Neighbours && queue.TryPeek(out _, out var last)) weakest[item] = last.Strength;
    }

    // 2^22 items. A shift of 32 would make the hash of a long, high half ^ low half, the same for very many pairs.
    private const int KeyBits = 22;

    private static long Pair(int a, int b) => a < b ? (long)a << KeyBits | (uint)b : (long)b << KeyBits | (uint)a;
}
