using System.Threading.RateLimiting;
using Recs.Api.Serving;

namespace Recs.Api.Ranking;

/// <summary>
/// How many rankings run at once, and how many may wait: more at once than there are processors makes all of them late. Overflow policy: who does not find
/// a place in the queue, or waits until the budget is over, is told to come again. First come, first served. Safe from any thread.
/// </summary>
internal sealed class RankingQueue(int running, int waiting, TimeProvider clock) : IDisposable
{
    private readonly ConcurrencyLimiter _limiter = new(new() { PermitLimit = running, QueueLimit = waiting, QueueProcessingOrder = QueueProcessingOrder.OldestFirst });

    /// <summary>Rankings that wait now.</summary>
    public long Waiting => _limiter.GetStatistics()?.CurrentQueuedCount ?? 0;

    /// <summary>Rankings that run now.</summary>
    public long Running => running - (_limiter.GetStatistics()?.CurrentAvailablePermits ?? running);

    /// <summary>A place to run in; dispose of it afterwards.</summary>
    /// <param name="patience">How long to wait for it.</param>
    /// <param name="cancel">The caller is gone.</param>
    /// <exception cref="RefusedRequest">503: too many wait already, or none came free in time.</exception>
    public ValueTask<RateLimitLease> EnterAsync(TimeSpan patience, CancellationToken cancel)
    {
        var lease = _limiter.AttemptAcquire();
        return lease.IsAcquired ? new(lease) : Wait(patience, cancel);
    }

    /// <inheritdoc/>
    public void Dispose() => _limiter.Dispose();

    private async ValueTask<RateLimitLease> Wait(TimeSpan patience, CancellationToken cancel)
    {
        if (patience <= TimeSpan.Zero) throw Overloaded("the request's time was over before a ranking could begin");
        using var late = new CancellationTokenSource(patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancel);
        try
        {
            var lease = await _limiter.AcquireAsync(1, either.Token);
            if (lease.IsAcquired) return lease;
            throw Overloaded($"{running} rankings run and {waiting} wait, which is the limit");
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            throw Overloaded($"waited {patience.TotalMilliseconds:0} ms for one of {running} places to rank in");
        }
    }

    private static RefusedRequest Overloaded(string why) => RefusedRequest.Later(StatusCodes.Status503ServiceUnavailable, "overloaded", $"{why}; try again in a second", TimeSpan.FromSeconds(1));
}
