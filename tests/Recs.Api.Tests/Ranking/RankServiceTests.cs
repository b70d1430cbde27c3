using Microsoft.Extensions.Time.Testing;
using Recs.Api.Live;
using Recs.Api.Ranking;
using Recs.Api.Serving;
using Recs.Api.Telemetry;
using Recs.Domain;
using Recs.Domain.Items;
using Recs.Ranker.Slates;

namespace Recs.Api.Tests.Ranking;

public sealed class RankServiceTests : IAsyncDisposable
{
    private static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(50);

    private readonly FakeTimeProvider _clock = new(TinyShop.End.ToDateTimeOffset());
    private readonly LiveState _live;
    private readonly ApiTelemetry _telemetry = new();
    private readonly List<string> _log = [];

    public RankServiceTests() => _live = LoadedShop.Load(clock: _clock);

    [Fact]
    public async Task Rank_SlowModel_StepsDown_AndComesBackWhenItIsFast()
    {
        var slow = true;
        await using var service = Service((ranker, inputs) =>
        {
            _clock.Advance(TimeSpan.FromMilliseconds(inputs.Request.Degradation == Degradation.None ? slow ? 80 : 5 : 1));
            return ranker.Slates.Composer.Compose(inputs);
        });
        Assert.Equal("none", await Rank(service));
        for (var i = 0; i < 10; i++) await Rank(service);
        // One head: scoring with the first one would be as slow.
        Assert.Equal("counters", await Rank(service));
        slow = false;
        var steps = new List<string>();
        for (var i = 0; i < 100; i++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(500));
            steps.Add(await Rank(service));
        }
        Assert.Contains("counters", steps);
        Assert.All(steps[^20..], step => Assert.Equal("none", step));
    }

    [Fact]
    public async Task Rank_TimeSpentBefore_Counts()
    {
        await using var service = Service((ranker, inputs) =>
        {
            _clock.Advance(TimeSpan.FromMilliseconds(inputs.Request.Degradation == Degradation.None ? 20 : 4));
            return ranker.Slates.Composer.Compose(inputs);
        });
        for (var i = 0; i < 10; i++) Assert.Equal("none", await Rank(service));
        for (var i = 0; i < 10; i++) await Rank(service, TimeSpan.FromMilliseconds(10));
        Assert.Equal("counters", await Rank(service, TimeSpan.FromMilliseconds(10)));
        Assert.Equal("counters", await Rank(service, waited: TimeSpan.FromMilliseconds(40)));
        Assert.Equal("popularity", await Rank(service, waited: TimeSpan.FromMilliseconds(48)));
        Assert.Equal("popularity", await Rank(service, waited: TimeSpan.FromMilliseconds(80)));
        // A client cannot ask for more than the server gives.
        Assert.Equal("counters", await Rank(service, TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(40)));
    }

    [Theory]
    [InlineData(Degradation.Counters, "popularity")]
    [InlineData(Degradation.None, "counters")]
    public async Task Rank_FaultOfAStep_GoesOnOneStepLower_AndIsToldOnce(Degradation broken, string answered)
    {
        await using var service = Service((ranker, inputs) => inputs.Request.Degradation <= broken ? throw new InvalidOperationException("a broken head") : ranker.Slates.Composer.Compose(inputs));
        for (var i = 0; i < 10; i++)
        {
            var begun = _clock.GetTimestamp();
            using var decision = await service.RankAsync("1", Request(), null, begun, default);
            Assert.Equal(answered, StepNames.Of(decision));
            Assert.NotEmpty(decision.Slate.Entries);
        }
        Assert.Equal(broken == Degradation.None ? 1 : 2, _log.Count);
        Assert.All(_log, line => Assert.Contains("a broken head", line, StringComparison.Ordinal));
        Assert.All(_log, line => Assert.DoesNotContain("u3", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Rank_FaultOfTheLastStep_IsTheCallers()
    {
        await using var service = Service((_, _) => throw new InvalidOperationException("all is broken"));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await service.RankAsync("1", Request(), null, _clock.GetTimestamp(), default));
    }

    [Fact]
    public async Task Rank_AllPlacesTakenAndQueueFull_IsToldToComeAgain()
    {
        using var reached = new SemaphoreSlim(0);
        using var go = new ManualResetEventSlim();
        await using var service = Service((ranker, inputs) =>
        {
            reached.Release();
            go.Wait();
            return ranker.Slates.Composer.Compose(inputs);
        }, running: 1, waiting: 0);
        var first = Task.Run(async () => await service.RankAsync("1", Request(), null, _clock.GetTimestamp(), default));
        await reached.WaitAsync(TimeSpan.FromSeconds(30));
        var refused = await Assert.ThrowsAsync<RefusedRequest>(async () => await service.RankAsync("2", Request(), null, _clock.GetTimestamp(), default));
        Assert.Equal(503, refused.Problem.Status);
        go.Set();
        (await first).Dispose();
    }

    [Fact]
    public async Task Answered_LedgerTakesIt_OrItIsDisposedOf()
    {
        var ledger = new Ledger();
        await using var service = new RankService(_live, ServedShop.Options, _telemetry, ledger, _clock);
        var kept = await service.RankAsync("7", Request(), null, _clock.GetTimestamp(), default);
        service.Answered(kept);
        Assert.Equal(("d7", "r7"), (ledger.Kept.Single().Id, kept.RequestId.Value));
        // What was kept makes the same slate again, whatever the state is by now.
        Assert.Equal(kept.Slate.Entries.Select(entry => (entry.Item, entry.Score)), kept.Composer.Compose(kept.Inputs).Entries.Select(entry => (entry.Item, entry.Score)));
        kept.Dispose();
        ledger.IsFull = true;
        var dropped = await service.RankAsync("8", Request(), null, _clock.GetTimestamp(), default);
        service.Answered(dropped);
        Assert.True(dropped.Inputs.Contenders.IsEmpty);
    }

    private RankService Service(Func<LiveRanker, SlateInputs, Slate>? compose = null, int running = 4, int waiting = 4) =>
        new(_live, new ApiOptions { Budget = Budget, RankingsAtOnce = running, RankingsWaiting = waiting, Log = line => { lock (_log) _log.Add(line); } }, _telemetry, null, _clock, compose);

    private async Task<string> Rank(RankService service, TimeSpan? budget = null, TimeSpan waited = default)
    {
        var begun = _clock.GetTimestamp();
        _clock.Advance(waited);
        var decision = await service.RankAsync("1", Request(), budget, begun, default);
        service.Answered(decision);
        return StepNames.Of(decision);
    }

    private RankRequest Request() => new(new("u3"), "home", 10, [ItemKind.Content, ItemKind.Ad], null, false, Timestamp.Now(_clock));

    public async ValueTask DisposeAsync()
    {
        await _live.DisposeAsync();
        _telemetry.Dispose();
    }

    private sealed class Ledger : IDecisionLedger
    {
        public List<RankedDecision> Kept { get; } = [];

        public bool IsFull { get; set; }

        public Recs.Domain.Decisions.Decision? Find(string id) => null;

        public bool TryKeep(RankedDecision decision)
        {
            if (!IsFull) Kept.Add(decision);
            return !IsFull;
        }
    }
}
