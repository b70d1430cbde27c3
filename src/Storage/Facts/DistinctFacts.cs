using Recs.Domain.Events;
using Recs.Storage.Sql;

namespace Recs.Storage.Facts;

/// <summary>
/// The facts of one batch without the resends within it: of a key (day, event id) the first stays.
/// Whether a key is already stored is for the database to say.
/// </summary>
internal static class DistinctFacts
{
    public static List<Fact> Of(IReadOnlyList<Fact> facts)
    {
        var distinct = new List<Fact>(facts.Count);
        var seen = new HashSet<(int Day, string Id)>(facts.Count);
        foreach (var fact in facts)
            if (seen.Add((fact.Event.Time.DayIndex, fact.Event.Id.Value)))
                distinct.Add(fact);
        return distinct;
    }

    /// <summary>The earliest and the latest day; <paramref name="facts"/> is not empty.</summary>
    public static (DateOnly First, DateOnly Last) Days(IReadOnlyList<Fact> facts)
    {
        var (first, last) = (facts[0].Event.Time, facts[0].Event.Time);
        foreach (var fact in facts)
        {
            if (fact.Event.Time < first) first = fact.Event.Time;
            if (fact.Event.Time > last) last = fact.Event.Time;
        }
        return (SqlTime.DayOf(first), SqlTime.DayOf(last));
    }
}
