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

    private TileSeries?[]?[] _byKey = [];
    private KeyTotals[] _totals = [];

    /// <summary>The series of a key and kind, or null where nothing was counted.</summary>
    public TileSeries? Find(int key, int kind) => (uint)key < (uint)_byKey.Length && _byKey[key] is { } kinds ? kinds[kind] : null;

    /// <summary>Adds one event (sign +1), takes it away (−1), or does so with several of the same moment and value at once (±n).</summary>
    public void Add(int key, int kind, Timestamp time, long value, int sign, Timestamp newest)
    {
        if (key >= _byKey.Length) Array.Resize(ref _byKey, Math.Max(key + 1, _byKey.Length * 2));
        var kinds = _byKey[key] ??= new TileSeries?[InteractionTypes.Count];
        var series = kinds[kind] ??= new TileSeries();
        series.Add(time, value, sign, newest);
        if (sign < 0 && series.IsEmpty) kinds[kind] = null;
        Count(key, kind, sign);
    }

    /// <summary>Puts back a series that was written out.</summary>
    public void Restore(int key, int kind, TileSeries series)
    {
        if (key >= _byKey.Length) Array.Resize(ref _byKey, Math.Max(key + 1, _byKey.Length * 2));
        (_byKey[key] ??= new TileSeries?[InteractionTypes.Count])[kind] = series;
        Count(key, kind, series.Count);
    }

    /// <summary>Drops all series of a key.</summary>
    public void Remove(int key)
    {
        if ((uint)key < (uint)_byKey.Length) _byKey[key] = null;
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

    /// <summary>Positive interactions of a key, decayed at <paramref name="now"/> with a half-life in days.</summary>
    public double DecayedPositives(int key, Timestamp now, Timestamp newest, double halfLifeDays)
    {
        var sum = 0.0;
        for (var kind = 1; kind < InteractionTypes.Count; kind++)
            if (((InteractionType)kind).IsPositive() && Find(key, kind) is { } series) sum += series.DecayedByDay(now, newest, halfLifeDays);
        return sum;
    }

    /// <summary>Positives and trials of a key, decayed at <paramref name="now"/> with a half-life in days.</summary>
    public (double Positives, double Trials) DecayedByDay(int key, Timestamp now, Timestamp newest, double halfLifeDays) =>
        Decayed(key, now, newest, (series, at, kept) => series.DecayedByDay(at, kept, halfLifeDays));

    /// <summary>Positives and trials of a key, decayed at <paramref name="now"/> with a half-life in hours: the newest 96 hours only.</summary>
    public (double Positives, double Trials) DecayedByHour(int key, Timestamp now, Timestamp newest, double halfLifeHours) =>
        Decayed(key, now, newest, (series, at, kept) => series.DecayedByHour(at, kept, halfLifeHours));

    private (double Positives, double Trials) Decayed(int key, Timestamp now, Timestamp newest, Func<TileSeries, Timestamp, Timestamp, double> read)
    {
        if ((uint)key >= (uint)_byKey.Length || _byKey[key] is not { } kinds) return (0, 0);
        double positives = 0, negatives = 0, impressions = 0;
        for (var kind = 0; kind < InteractionTypes.Count; kind++)
        {
            if (kinds[kind] is not { } series) continue;
            if (kind == Impression) impressions = read(series, now, newest);
            else if (((InteractionType)kind).IsPositive()) positives += read(series, now, newest);
            else if (((InteractionType)kind).IsNegative()) negatives += read(series, now, newest);
        }
        return (positives, Math.Max(impressions, positives + negatives));
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
}
