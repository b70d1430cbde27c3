using Recs.Domain;
using Recs.Domain.Events;

namespace Recs.Ingest;

/// <summary>
/// Which events were seen, by event day and id as the store tells facts apart: 128 bits of SHA-256 each, so no two ids meet by chance or by intent.
/// Horizon: the days of <see cref="HorizonDays"/> up to the newest event day, and no more than <see cref="Capacity"/> events.
/// Overflow policy: the oldest day is forgotten whole, and events of forgotten days count as seen from then on, so that nothing is ever handed on twice;
/// what that withholds is in the store, and a fold from there has it.
/// One thread at a time.
/// </summary>
public sealed class SeenEvents
{
    private readonly SortedDictionary<int, HashSet<UInt128>> _days = [];
    private int _newestDay = int.MinValue;
    private int _oldestDay = int.MinValue;

    /// <summary>Makes an empty set.</summary>
    /// <param name="horizonDays">Event days remembered, 1 to 36,600; the default of ten years is longer than most streams.</param>
    /// <param name="capacity">Events remembered, at least 1; about 40 bytes each. The default fills at about 320 MB.</param>
    /// <exception cref="RefusedException">A number is out of range.</exception>
    public SeenEvents(int horizonDays = 3_660, int capacity = 8_000_000)
    {
        if (horizonDays is < 1 or > 36_600) throw new RefusedException($"seen events: the horizon is {horizonDays} days, range 1 to 36600");
        if (capacity < 1) throw new RefusedException($"seen events: the capacity is {capacity}, at least 1");
        (HorizonDays, Capacity) = (horizonDays, capacity);
    }

    /// <summary>Event days remembered.</summary>
    public int HorizonDays { get; }

    /// <summary>Events remembered.</summary>
    public int Capacity { get; }

    /// <summary>Events in the set.</summary>
    public int Count { get; private set; }

    /// <summary>Event days before this one are forgotten; <see cref="int.MinValue"/> while none is.</summary>
    public int OldestDay => _oldestDay;

    /// <summary>Notes <paramref name="source"/>.</summary>
    /// <returns>True when it was not seen before and lies within the horizon.</returns>
    public bool Add(Event source)
    {
        var day = source.Time.DayIndex;
        if (day < _oldestDay) return false;
        if (!_days.TryGetValue(day, out var ids)) _days[day] = ids = [];
        if (!ids.Add(EventKey.Of(source.Id))) return false;
        Count++;
        if (day > _newestDay)
        {
            _newestDay = day;
            ForgetBefore(day - HorizonDays + 1);
        }
        while (Count > Capacity && _days.Count > 1) ForgetBefore(_days.Keys.First() + 1);
        return true;
    }

    private void ForgetBefore(int day)
    {
        while (_days.Count > 0 && _days.First() is var oldest && oldest.Key < day)
        {
            Count -= oldest.Value.Count;
            _days.Remove(oldest.Key);
            _oldestDay = Math.Max(_oldestDay, oldest.Key + 1);
        }
        if (_newestDay - HorizonDays + 1 > _oldestDay && _newestDay != int.MinValue) _oldestDay = _newestDay - HorizonDays + 1;
    }
}
