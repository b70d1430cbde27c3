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
    }

    /// <summary>Puts back a series that was written out.</summary>
    public void Restore(int key, int kind, TileSeries series)
    {
        if (key >= _byKey.Length) Array.Resize(ref _byKey, Math.Max(key + 1, _byKey.Length * 2));
        (_byKey[key] ??= new TileSeries?[InteractionTypes.Count])[kind] = series;
    }

    /// <summary>Drops all series of a key.</summary>
    public void Remove(int key)
    {
        if ((uint)key < (uint)_byKey.Length) _byKey[key] = null;
    }

    /// <summary>All positive interactions of a key, ever.</summary>
    public long Positives(int key) => Sum(key, positives: true);

    /// <summary>All negative interactions of a key, ever.</summary>
    public long Negatives(int key) => Sum(key, positives: false);

    /// <summary>All impressions of a key, ever.</summary>
    public long Impressions(int key) => Find(key, Impression)?.Count ?? 0;

    /// <summary>Positive interactions of a key, decayed at <paramref name="now"/> with a half-life in days.</summary>
    public double DecayedPositives(int key, Timestamp now, Timestamp newest, double halfLifeDays)
    {
        var sum = 0.0;
        for (var kind = 1; kind < InteractionTypes.Count; kind++)
            if (((InteractionType)kind).IsPositive() && Find(key, kind) is { } series) sum += series.DecayedByDay(now, newest, halfLifeDays);
        return sum;
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

    private long Sum(int key, bool positives)
    {
        var sum = 0L;
        for (var kind = 1; kind < InteractionTypes.Count; kind++)
            if (positives ? ((InteractionType)kind).IsPositive() : ((InteractionType)kind).IsNegative()) sum += Find(key, kind)?.Count ?? 0;
        return sum;
    }
}
