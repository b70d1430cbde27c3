using Recs.Domain;
using Recs.Domain.Events;
using Recs.Features.Affinity;

namespace Recs.Api.Live;

/// <summary>
/// The co-engagement table of the current week, from facts known before its Monday, as <see cref="AffinitySchedule"/> says; what
/// becomes known later waits for the next table. Who liked what is kept where the model reads it. Thread rule: one thread at a time.
/// </summary>
internal sealed class AffinityWeeks(Timestamp now, bool ratings = false)
{
    private readonly AffinityBuilder _builder = new(ratings);
    private readonly Queue<Fact> _later = [];
    private Timestamp _week = AffinitySchedule.WeekOf(now);

    /// <summary>Takes in a fact: at once when this week's table may speak of it, otherwise when its week has come.</summary>
    public void Add(in Fact fact)
    {
        if (fact.Known < _week) _builder.Add(fact.Event);
        else _later.Enqueue(fact);
    }

    /// <summary>The table of the week that began last.</summary>
    public AffinityTable Build() => _builder.Build(_week);

    /// <summary>The table of <paramref name="now"/>'s week when that is a new one, or null.</summary>
    public AffinityTable? Turn(Timestamp now)
    {
        var week = AffinitySchedule.WeekOf(now);
        if (week <= _week) return null;
        _week = week;
        for (var waiting = _later.Count; waiting > 0; waiting--)
        {
            var fact = _later.Dequeue();
            if (fact.Known < week) _builder.Add(fact.Event);
            else _later.Enqueue(fact);
        }
        return Build();
    }
}
