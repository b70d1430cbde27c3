using Recs.Domain;
using Recs.Ranker.Slates;

namespace Recs.Ranker.Tests.Slates;

public sealed class CandidateSourcesTests
{
    private readonly StoppedClock _clock = new();

    [Fact]
    public void Run_Quotas_AreFilledWithWhatNoEarlierSourceFound()
    {
        var found = Run(limit: 10, new("a", 3, _ => Ids("x1", "x2", "x2", "x3", "x4")), new("b", 2, _ => Ids("x3", "x2", "y1", "y2", "y3"), IsSlow: true), new("rest", CandidateSource.Rest, _ => Ids("x4", "z1", "z2", "z3", "z4", "z5", "z6")));
        Assert.Equal(["x1", "x2", "x3", "y1", "y2", "x4", "z1", "z2", "z3", "z4"], found.Items.Select(item => item.Value));
        Assert.Empty(found.Skipped);
    }

    [Fact]
    public void Run_FailedAndLateSources_AreNamedAndTakeNobodyWithThem()
    {
        var found = Run(limit: 200,
            new("broken", 50, _ => Ids("b1").Concat(Broken())),
            new("late", 150, _ => Late()),
            new("stuck", 10, late => Stuck(late), IsSlow: true),
            new("fine", 3, _ => Ids("f1", "b1", "l0")));
        Assert.Equal(["f1", "b1", "l0"], found.Items.Select(item => item.Value));
        Assert.Equal(["broken: no table", "late: not done within 50 ms", "stuck: not done within 50 ms"], found.Skipped);

        IEnumerable<ItemId> Broken()
        {
            yield return new("b2");
            throw new InvalidDataException("no table");
        }
        IEnumerable<ItemId> Late()
        {
            for (var i = 0; i < 150; i++)
            {
                _clock.Advance(TimeSpan.FromMilliseconds(1));
                yield return new($"l{i}");
            }
        }
        // It looks at its token only; the clock's timer has fired by the time that the late one is done.
        static IEnumerable<ItemId> Stuck(CancellationToken late)
        {
            late.WaitHandle.WaitOne();
            late.ThrowIfCancellationRequested();
            yield return new("s");
        }
    }

    [Fact]
    public void Run_EnoughFound_DoesNotAskTheLastResort()
    {
        var asked = 0;
        IEnumerable<ItemId> Stale()
        {
            asked++;
            return Ids("s1", "s2");
        }
        Assert.Equal(2, Run(limit: 5, new("a", 5, _ => Ids("x", "y")), new("stale", CandidateSource.Rest, _ => Stale(), OnlyBelow: 2)).Items.Count);
        Assert.Equal(0, asked);
        Assert.Equal(4, Run(limit: 5, new("a", 5, _ => Ids("x", "y")), new("stale", CandidateSource.Rest, _ => Stale(), OnlyBelow: 3)).Items.Count);
        Assert.Equal(1, asked);
    }

    private FoundCandidates Run(int limit, params CandidateSource[] sources) => CandidateSources.Run(sources, limit, TimeSpan.FromMilliseconds(50), GatheringLists.Rent(), _clock);

    private static IEnumerable<ItemId> Ids(params string[] ids) => ids.Select(id => new ItemId(id));

    /// <summary>A clock that moves when it is told to, and fires its timers then.</summary>
    private sealed class StoppedClock : TimeProvider
    {
        private readonly List<(TimeSpan Due, Action Fire)> _timers = [];
        private TimeSpan _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now.Ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime >= TimeSpan.Zero) lock (_timers) _timers.Add((_now + dueTime, () => callback(state)));
            return new Nothing();
        }

        public void Advance(TimeSpan time)
        {
            _now += time;
            List<Action> due = [];
            lock (_timers)
            {
                due.AddRange(_timers.Where(timer => timer.Due <= _now).Select(timer => timer.Fire));
                _timers.RemoveAll(timer => timer.Due <= _now);
            }
            foreach (var fire in due) fire();
        }

        private sealed class Nothing : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose() { }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
