using Recs.Domain;
using Recs.Domain.Events;

namespace Recs.Features.Counting;

/// <summary>
/// Counters of one scope (item, user, advertiser, …): for each key a <see cref="TileSeries"/> per kind of event.
/// Keys are interned numbers; kind 0 is the impression, the others are <see cref="InteractionType"/>.
/// </summary>
internal sealed class CounterScope
{
    /// <summary>The kind that stands for an impression: <see cref="InteractionType"/> begins at 1.</summary>
    public const int Impression = 0;

    private Kinds[] _byKey = [];
    private KeyTotals[] _totals = [];

    /// <summary>The series of a key and kind, or null where nothing was counted.</summary>
    public TileSeries? Find(int key, int kind) => (uint)key < (uint)_byKey.Length ? _byKey[key].Find(kind) : null;

    /// <summary>Adds one event (sign +1), takes it away (−1), or does so with several of the same moment and value at once (±n).</summary>
    public void Add(int key, int kind, Timestamp time, long value, int sign, Timestamp newest)
    {
        if (key >= _byKey.Length) Array.Resize(ref _byKey, Math.Max(key + 1, _byKey.Length * 2));
        ref var kinds = ref _byKey[key];
        var series = kinds.Find(kind);
        if (series is null) kinds.Set(kind, series = new TileSeries());
        series.Add(time, value, sign, newest);
        if (sign < 0 && series.IsEmpty) kinds.Clear(kind);
        Count(key, kind, sign);
    }

    /// <summary>Puts back a series that was written out.</summary>
    public void Restore(int key, int kind, TileSeries series)
    {
        if (key >= _byKey.Length) Array.Resize(ref _byKey, Math.Max(key + 1, _byKey.Length * 2));
        _byKey[key].Set(kind, series);
        Count(key, kind, series.Count);
    }

    /// <summary>Drops all series of a key.</summary>
    public void Remove(int key)
    {
        if ((uint)key < (uint)_byKey.Length) _byKey[key] = default;
        if ((uint)key >= (uint)_totals.Length) return;
        Spread.Replace(_totals[key], default);
        _totals[key] = default;
    }

    /// <summary>All positive interactions of a key, ever.</summary>
    public long Positives(int key) => Totals(key).Positives;

    /// <summary>All negative interactions of a key, ever.</summary>
    public long Negatives(int key) => Totals(key).Negatives;

    /// <summary>All impressions of a key, ever.</summary>
    public long Impressions(int key) => Totals(key).Impressions;

    /// <summary>All of a key, ever. Follows from the series; kept beside them because every rate reads it.</summary>
    public KeyTotals Totals(int key) => (uint)key < (uint)_totals.Length ? _totals[key] : default;

    /// <summary>How the keys' rates scatter: what a prior's strength is learned from.</summary>
    public RateSpread Spread { get; } = new();

    /// <summary>Positive interactions of a key, decayed at <paramref name="now"/>.</summary>
    public double DecayedPositives(int key, Timestamp now, Timestamp newest, HalfLife halfLife) => Decayed(key, now, newest, halfLife, positivesOnly: true).Positives;

    /// <summary>Positives and trials of a key, decayed at <paramref name="now"/>; with a half-life of hours the newest 96 hours only.</summary>
    public (double Positives, double Trials) Decayed(int key, Timestamp now, Timestamp newest, HalfLife halfLife)
    {
        var (positives, negatives, impressions) = Decayed(key, now, newest, halfLife, positivesOnly: false);
        return (positives, Math.Max(impressions, positives + negatives));
    }

    private (double Positives, double Negatives, double Impressions) Decayed(int key, Timestamp now, Timestamp newest, HalfLife halfLife, bool positivesOnly)
    {
        double positives = 0, negatives = 0, impressions = 0;
        if ((uint)key >= (uint)_byKey.Length) return (0, 0, 0);
        ref readonly var kinds = ref _byKey[key];
        for (var kind = 0; kind < InteractionTypes.Count; kind++)
        {
            var isPositive = ((InteractionType)kind).IsPositive();
            if (positivesOnly && !isPositive || kinds.Find(kind) is not { } series) continue;
            if (kind == Impression) impressions = series.Decayed(now, newest, halfLife);
            else if (isPositive) positives += series.Decayed(now, newest, halfLife);
            else if (((InteractionType)kind).IsNegative()) negatives += series.Decayed(now, newest, halfLife);
        }
        return (positives, negatives, impressions);
    }

    /// <summary>Positive interactions of a key on the days before <paramref name="day"/>, decayed at that day's beginning with a half-life of 30 d: the same all day long.</summary>
    public double DemandBefore(int key, int day, Timestamp newest)
    {
        var sum = 0.0;
        for (var kind = 1; kind < InteractionTypes.Count; kind++)
        {
            if (!((InteractionType)kind).IsPositive() || Find(key, kind) is not { } series) continue;
            var tiles = series.DayTiles(newest);
            var before = tiles.Length;
            while (before > 0 && tiles[before - 1].Index >= day) before--;
            sum += TileList.Decayed(tiles[..before], 86_400, Timestamp.OfDay(day), 30 * 86_400.0);
        }
        return sum;
    }

    /// <summary>The newest day, among those kept, with a positive interaction; <see cref="int.MinValue"/> where there is none.</summary>
    public int NewestPositiveDay(int key, Timestamp newest)
    {
        var day = int.MinValue;
        for (var kind = 1; kind < InteractionTypes.Count; kind++)
            if (((InteractionType)kind).IsPositive() && Find(key, kind) is { } series && series.DayTiles(newest) is [.., var last]) day = Math.Max(day, last.Index);
        return day;
    }

    private void Count(int key, int kind, long times)
    {
        if (key >= _totals.Length) Array.Resize(ref _totals, Math.Max(key + 1, _totals.Length * 2));
        ref var totals = ref _totals[key];
        var before = totals;
        if (kind == Impression) totals.Impressions += times;
        else if (((InteractionType)kind).IsPositive()) totals.Positives += times;
        else if (((InteractionType)kind).IsNegative()) totals.Negatives += times;
        else return;
        Spread.Replace(before, totals);
    }

    /// <summary>The series of one key by kind; few kinds ever happen to one key, and only these take room.</summary>
    private struct Kinds
    {
        private TileSeries[]? _series;
        private uint _present;

        public readonly TileSeries? Find(int kind) => (_present >> kind & 1) != 0 ? _series![Place(kind)] : null;

        public void Set(int kind, TileSeries series)
        {
            if ((_present >> kind & 1) == 0)
            {
                var place = Place(kind);
                _series = [.. _series.AsSpan(0, place), series, .. _series.AsSpan(place)];
                _present |= 1u << kind;
            }
            else _series![Place(kind)] = series;
        }

        public void Clear(int kind)
        {
            var place = Place(kind);
            _series = [.. _series.AsSpan(0, place), .. _series.AsSpan(place + 1)];
            _present &= ~(1u << kind);
        }

        private readonly int Place(int kind) => System.Numerics.BitOperations.PopCount(_present & (1u << kind) - 1);
    }
}
