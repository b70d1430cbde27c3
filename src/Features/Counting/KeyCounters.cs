using System.Numerics;
using Recs.Domain;
using Recs.Domain.Events;

namespace Recs.Features.Counting;

/// <summary>
/// The counters of one key: a <see cref="TileSeries"/> per kind of event, 0 for the impression, else an <see cref="InteractionType"/>. Few kinds ever happen to one
/// key, and only these take room.
/// </summary>
internal struct KeyCounters
{
    /// <summary>Bit k is set where kind k is an interaction that likes.</summary>
    public static readonly uint Positive = Enumerable.Range(1, InteractionTypes.Count - 1).Where(kind => ((InteractionType)kind).IsPositive()).Aggregate(0u, (kinds, kind) => kinds | 1u << kind);

    private TileSeries[]? _series;

    /// <summary>Bit k is set where kind k was counted.</summary>
    public uint Kinds { get; private set; }

    /// <summary>The series of a kind, or null where nothing was counted.</summary>
    public readonly TileSeries? Find(int kind) => (Kinds >> kind & 1) != 0 ? _series![Place(kind)] : null;

    /// <summary>Adds one event (sign +1), takes it away (−1), or does so with several of the same moment and value at once (±n).</summary>
    public void Add(int kind, Timestamp time, long value, int sign, Timestamp newest)
    {
        var series = Find(kind);
        if (series is null) Set(kind, series = new TileSeries());
        series.Add(time, value, sign, newest);
        if (sign < 0 && series.IsEmpty) Clear(kind);
    }

    /// <summary>Puts back a series that was written out.</summary>
    public void Set(int kind, TileSeries series)
    {
        if ((Kinds >> kind & 1) == 0)
        {
            var place = Place(kind);
            _series = [.. _series.AsSpan(0, place), series, .. _series.AsSpan(place)];
            Kinds |= 1u << kind;
        }
        else _series![Place(kind)] = series;
    }

    /// <summary>The same counters in new memory, their parts side by side.</summary>
    public readonly KeyCounters Copied() => this with { _series = _series is null ? null : Array.ConvertAll(_series, series => series.Copied()) };

    /// <summary>Positive interactions, decayed at <paramref name="now"/>.</summary>
    public readonly double DecayedPositives(Timestamp now, Timestamp newest, HalfLife halfLife)
    {
        var positives = 0.0;
        for (var kinds = Kinds & Positive; kinds != 0; kinds &= kinds - 1) positives += First(kinds).Decayed(now, newest, halfLife);
        return positives;
    }

    /// <summary>Positives and trials, decayed at <paramref name="now"/>; with a half-life of hours the newest 96 hours only.</summary>
    public readonly (double Positives, double Trials) Decayed(Timestamp now, Timestamp newest, HalfLife halfLife)
    {
        double positives = 0, negatives = 0, impressions = 0;
        for (var kinds = Kinds; kinds != 0; kinds &= kinds - 1)
        {
            var (kind, series) = (BitOperations.TrailingZeroCount(kinds), First(kinds));
            if (kind == CounterScope.Impression) impressions = series.Decayed(now, newest, halfLife);
            else if (((InteractionType)kind).IsPositive()) positives += series.Decayed(now, newest, halfLife);
            else if (((InteractionType)kind).IsNegative()) negatives += series.Decayed(now, newest, halfLife);
        }
        return (positives, Math.Max(impressions, positives + negatives));
    }

    /// <summary>Positive interactions on the days before <paramref name="day"/>, decayed at that day's beginning with a half-life of 30 d: the same all day long.</summary>
    public readonly double DemandBefore(int day, Timestamp newest)
    {
        var sum = 0.0;
        for (var kinds = Kinds & Positive; kinds != 0; kinds &= kinds - 1)
        {
            var tiles = First(kinds).DayTiles(newest);
            var before = tiles.Length;
            while (before > 0 && tiles[before - 1].Index >= day) before--;
            sum += TileList.Decayed(tiles[..before], 86_400, Timestamp.OfDay(day), 30 * 86_400.0);
        }
        return sum;
    }

    /// <summary>The newest day, among those kept, with a positive interaction; <see cref="int.MinValue"/> where there is none.</summary>
    public readonly int NewestPositiveDay(Timestamp newest)
    {
        var day = int.MinValue;
        for (var kinds = Kinds & Positive; kinds != 0; kinds &= kinds - 1)
            if (First(kinds).DayTiles(newest) is [.., var last]) day = Math.Max(day, last.Index);
        return day;
    }

    /// <summary>The series of the lowest kind among <paramref name="kinds"/>, all of which are there: a walk goes on with <c>kinds &amp; kinds − 1</c>.</summary>
    public readonly TileSeries First(uint kinds) => _series![BitOperations.PopCount(Kinds & (kinds & 0 - kinds) - 1)];

    private void Clear(int kind)
    {
        var place = Place(kind);
        _series = [.. _series.AsSpan(0, place), .. _series.AsSpan(place + 1)];
        Kinds &= ~(1u << kind);
    }

    private readonly int Place(int kind) => BitOperations.PopCount(Kinds & (1u << kind) - 1);
}
