using Recs.Domain;

namespace Recs.Features.Counting;

/// <summary>Counters of one scope (items, everything): for each key its <see cref="KeyCounters"/> and totals. Keys are interned numbers.</summary>
internal sealed class CounterScope
{
    /// <summary>The kind that stands for an impression: <see cref="Domain.Events.InteractionType"/> begins at 1.</summary>
    public const int Impression = 0;

    private readonly TotalsByKey _totals = new();
    private KeyCounters[] _byKey = [];

    /// <summary>The counters of a key; empty for one never counted, or −1.</summary>
    public KeyCounters Of(int key) => (uint)key < (uint)_byKey.Length ? _byKey[key] : default;

    /// <summary>The series of a key and kind, or null where nothing was counted.</summary>
    public TileSeries? Find(int key, int kind) => (uint)key < (uint)_byKey.Length ? _byKey[key].Find(kind) : null;

    /// <inheritdoc cref="KeyCounters.Add"/>
    public void Add(int key, int kind, Timestamp time, long value, int sign, Timestamp newest)
    {
        if (key >= _byKey.Length) Array.Resize(ref _byKey, Math.Max(key + 1, _byKey.Length * 2));
        _byKey[key].Add(kind, time, value, sign, newest);
        _totals.Count(key, kind, sign);
    }

    /// <summary>
    /// Lays the counters of each key side by side in memory, as they are read; folded event by event, those of one key lie on as many pages as they have parts. Changes nothing
    /// that can be read. The writer's.
    /// </summary>
    public void Settle()
    {
        for (var key = 0; key < _byKey.Length; key++) _byKey[key] = _byKey[key].Copied();
    }

    /// <summary>Puts back counters that were written out.</summary>
    public void Restore(int key, in KeyCounters counters)
    {
        if (key >= _byKey.Length) Array.Resize(ref _byKey, Math.Max(key + 1, _byKey.Length * 2));
        _byKey[key] = counters;
        for (var kind = 0; kind < Domain.Events.InteractionTypes.Count; kind++)
            if (counters.Find(kind) is { } series) _totals.Count(key, kind, series.Count);
    }

    /// <summary>All positive interactions of a key, ever.</summary>
    public long Positives(int key) => _totals[key].Positives;

    /// <summary>All negative interactions of a key, ever.</summary>
    public long Negatives(int key) => _totals[key].Negatives;

    /// <summary>All impressions of a key, ever.</summary>
    public long Impressions(int key) => _totals[key].Impressions;

    /// <summary>All of a key, ever.</summary>
    public KeyTotals Totals(int key) => _totals[key];

    /// <inheritdoc cref="TotalsByKey.Spread"/>
    public RateSpread Spread => _totals.Spread;

    /// <inheritdoc cref="KeyCounters.Decayed"/>
    public (double Positives, double Trials) Decayed(int key, Timestamp now, Timestamp newest, HalfLife halfLife) => Of(key).Decayed(now, newest, halfLife);
}
