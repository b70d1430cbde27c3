using System.Data.Common;
using System.Diagnostics;
using System.Net.Sockets;
using Recs.Domain;
using Recs.Storage;

namespace Recs.Ingest;

/// <summary>
/// The store, tried again while it fails for a while: a batch is never given up for a fault that passes, and never stored twice,
/// since its offsets move by compare-and-swap (a commit that went through unconfirmed makes the next try fence).
/// One thread at a time.
/// </summary>
internal sealed class StoreWriter(IEventStore store, IngestOptions options, TimeProvider clock, IngestTelemetry telemetry)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);
    private readonly Random _jitter = new(options.Seed);
    private long _retries;

    /// <summary>What storing the last batch took, from the first try to its commit.</summary>
    public TimeSpan LastCommit { get; private set; }

    /// <summary>Failures that were tried again since the last call. From any thread.</summary>
    public long TakeRetries() => Interlocked.Exchange(ref _retries, 0);

    /// <exception cref="FencedException">An offset has moved meanwhile; nothing was written.</exception>
    /// <exception cref="RefusedException">The store failed for longer than <see cref="IngestOptions.RetryLimit"/>.</exception>
    /// <exception cref="OperationCanceledException">Stopped during a pause; nothing is known to be written.</exception>
    public AppendResult Append(AppendBatch batch, CancellationToken stop) => Measured(batch, () => Persist(() => store.Append(batch), "take a batch", stop));

    /// <summary>One try only: for moments in which others wait, such as a rebalance.</summary>
    public AppendResult? TryAppend(AppendBatch batch)
    {
        try
        {
            return Measured(batch, () => store.Append(batch));
        }
        catch (Exception failed) when (failed is FencedException or DbException || Passes(failed))
        {
            return null;
        }
    }

    /// <inheritdoc cref="Append"/>
    public IReadOnlyDictionary<StreamPartition, long> Offsets(CancellationToken stop) => Persist(() => store.Offsets(options.Group), "give the offsets", stop);

    /// <summary>Moves offsets over what is not read, and keeps the record of it.</summary>
    /// <inheritdoc cref="Append"/>
    public void MoveAcross(IReadOnlyList<StreamGap> gaps, CancellationToken stop) => Persist(() =>
    {
        store.MoveAcross(gaps);
        return 0;
    }, "move the offsets", stop);

    private AppendResult Measured(AppendBatch batch, Func<AppendResult> append)
    {
        using var activity = IngestTelemetry.Begin(batch);
        var begun = clock.GetTimestamp();
        try
        {
            var result = append();
            LastCommit = clock.GetElapsedTime(begun);
            telemetry.Stored(batch, result, LastCommit);
            return result;
        }
        catch (Exception failed)
        {
            activity?.SetStatus(ActivityStatusCode.Error, failed.GetType().Name);
            throw;
        }
    }

    private T Persist<T>(Func<T> action, string what, CancellationToken stop)
    {
        var begun = clock.GetTimestamp();
        for (var pause = options.RetryPause; ; pause = Min(2 * pause, LongestPause))
        {
            try
            {
                return action();
            }
            catch (Exception failed) when (Passes(failed))
            {
                if (clock.GetElapsedTime(begun) >= options.RetryLimit)
                    throw new RefusedException(
                        $"{store.Name} did not {what} for {options.RetryLimit.TotalSeconds:0} s; nothing is lost, start ingest again when it works. Last: {OneLine(failed)}", failed);
                Interlocked.Increment(ref _retries);
                telemetry.Retried();
                var shortened = pause * (1 - (_jitter.NextDouble() / 2));
                options.Notice?.Invoke(new IngestNotice.StoreFailed(what, OneLine(failed), shortened));
                Task.Delay(shortened, clock, stop).GetAwaiter().GetResult();
            }
            catch (DbException refused)
            {
                throw new RefusedException($"{store.Name} did not {what}: {OneLine(refused)}; nothing is lost, start ingest again when that is put right", refused);
            }
        }
    }

    // What a restart of the database or the network brings about. What the database says otherwise (no space, no right, no table) does not pass
    // by waiting, and the rest is a bug: both end the worker.
    private static bool Passes(Exception failed) => failed is StoreUnavailableException or IOException or TimeoutException or SocketException;

    private static string OneLine(Exception failed) => failed.Message.ReplaceLineEndings(" ");

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;
}
