using Microsoft.Extensions.Time.Testing;
using Recs.Api.Ranking;
using Recs.Api.Serving;

namespace Recs.Api.Tests.Ranking;

public sealed class RankingQueueTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Enter_PlacesTaken_WaitsItsTurn_AndTheQueueHasAnEnd()
    {
        using var queue = new RankingQueue(running: 1, waiting: 1, new FakeTimeProvider());
        var first = await queue.EnterAsync(Second, default);
        var second = queue.EnterAsync(Second, default).AsTask();
        Assert.False(second.IsCompleted);
        Assert.Equal((1, 1), (queue.Running, queue.Waiting));
        var refused = await Assert.ThrowsAsync<RefusedRequest>(() => queue.EnterAsync(Second, default).AsTask());
        Assert.Equal((503, Second), (refused.Problem.Status, refused.RetryAfter));
        first.Dispose();
        using var turn = await second;
        Assert.True(turn.IsAcquired);
        Assert.Equal((1, 0), (queue.Running, queue.Waiting));
    }

    [Fact]
    public async Task Enter_WaitsLongerThanItsTime_IsRefused_AndLeavesTheQueue()
    {
        var clock = new FakeTimeProvider();
        using var queue = new RankingQueue(running: 1, waiting: 1, clock);
        using var first = await queue.EnterAsync(Second, default);
        var late = queue.EnterAsync(Second, default).AsTask();
        clock.Advance(Second);
        Assert.Equal(503, (await Assert.ThrowsAsync<RefusedRequest>(() => late)).Problem.Status);
        Assert.Equal(0, queue.Waiting);
        Assert.Equal(503, (await Assert.ThrowsAsync<RefusedRequest>(() => queue.EnterAsync(TimeSpan.Zero, default).AsTask())).Problem.Status);
    }

    [Fact]
    public async Task Enter_ClientIsGone_LeavesTheQueue()
    {
        using var queue = new RankingQueue(running: 1, waiting: 1, new FakeTimeProvider());
        using var first = await queue.EnterAsync(Second, default);
        using var gone = new CancellationTokenSource();
        var waiting = queue.EnterAsync(Second, gone.Token).AsTask();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal(0, queue.Waiting);
    }
}
