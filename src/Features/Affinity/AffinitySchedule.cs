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
    public static IReadOnlyDictionary<Timestamp, AffinityTable> Tables(IReadOnlyList<Fact> facts, IEnumerable<Timestamp> moments, bool ratings = false, Timestamp? standstill = null) =>
        Build(facts, Weeks(moments, standstill), ratings).ToDictionary(table => table.Week, table => table.Table);

    /// <summary>The same, made one after the other on a thread of its own, so that reading can begin with the first.</summary>
    /// <param name="facts">In order of known time.</param>
    /// <param name="moments">In ascending order.</param>
    /// <param name="ratings">Whether to keep who liked and disliked what as well.</param>
    /// <param name="standstill">Requests from this moment on read the table of this very moment; null where all goes on.</param>
    /// <param name="cancel">Stops between tables; those that are missing then are cancelled.</param>
    public static IReadOnlyDictionary<Timestamp, Task<AffinityTable>> TablesAhead(IReadOnlyList<Fact> facts, IEnumerable<Timestamp> moments, bool ratings, Timestamp? standstill, CancellationToken cancel)
    {
        var weeks = Weeks(moments, standstill);
        var awaited = weeks.ToDictionary(week => week, _ => new TaskCompletionSource<AffinityTable>(TaskCreationOptions.RunContinuationsAsynchronously));
        _ = Task.Factory.StartNew(() =>
        {
            try
            {
                foreach (var (week, table) in Build(facts, weeks, ratings))
                {
                    awaited[week].SetResult(table);
                    cancel.ThrowIfCancellationRequested();
                }
            }
            catch (OperationCanceledException)
            {
                foreach (var week in awaited.Values) week.TrySetCanceled(cancel);
            }
            catch (Exception failed)
            {
                foreach (var week in awaited.Values) week.TrySetException(failed);
            }
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return awaited.ToDictionary(week => week.Key, week => week.Value.Task);
    }

    private static List<Timestamp> Weeks(IEnumerable<Timestamp> moments, Timestamp? standstill) => [.. moments.Select(moment => Of(moment, standstill)).Distinct()];

    private static IEnumerable<(Timestamp Week, AffinityTable Table)> Build(IReadOnlyList<Fact> facts, List<Timestamp> weeks, bool ratings)
    {
        var builder = new AffinityBuilder(ratings);
        var added = 0;
        foreach (var week in weeks)
        {
            while (added < facts.Count && facts[added].Known < week) builder.Add(facts[added++].Event);
            yield return (week, builder.Build(week));
        }
    }
}
