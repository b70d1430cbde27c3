using Recs.Domain;
using Recs.Domain.Events;

namespace Recs.Features.Affinity;

/// <summary>
/// When tables are made: a request reads the table of its own week, built from the facts known before that week's Monday
/// (00:00 UTC). Training and serving follow the same rule.
/// </summary>
public static class AffinitySchedule
{
    /// <summary>The Monday at or before <paramref name="now"/>.</summary>
    public static Timestamp WeekOf(Timestamp now) => Timestamp.OfDay(now.DayIndex - (now.DayIndex + 3) % 7); // 1970-01-01 was a Thursday

    /// <summary>The key of the table a request reads: its week's Monday, or <paramref name="standstill"/> from then on.</summary>
    public static Timestamp Of(Timestamp now, Timestamp? standstill) => standstill is { } still && now >= still ? still : WeekOf(now);

    /// <summary>The tables of every week in which one of <paramref name="moments"/> lies.</summary>
    /// <param name="facts">In order of known time.</param>
    /// <param name="moments">In ascending order.</param>
    /// <param name="ratings">Whether to keep who liked and disliked what as well.</param>
    /// <param name="standstill">Requests from this moment on read the table of this very moment; null where all goes on.</param>
    public static IReadOnlyDictionary<Timestamp, AffinityTable> Tables(IReadOnlyList<Fact> facts, IEnumerable<Timestamp> moments, bool ratings = false, Timestamp? standstill = null)
    {
        var tables = new Dictionary<Timestamp, AffinityTable>();
        var builder = new AffinityBuilder(ratings);
        var added = 0;
        foreach (var moment in moments)
        {
            var week = Of(moment, standstill);
            if (tables.ContainsKey(week)) continue;
            while (added < facts.Count && facts[added].Known < week) builder.Add(facts[added++].Event);
            tables.Add(week, builder.Build(week));
        }
        return tables;
    }
}
