// Delivery guarantee: a decision that is taken in is published once to the decisions topic (twice at most, when a broker's answer is lost), after its answer has
// left. While the brokers are away it waits and is tried again. Overflow policy: the queue full → the decision is dropped, counted and told once a minute; an answer never waits.
using System.Globalization;
using System.Threading.Channels;
using Recs.Api.Ranking;
using Recs.Domain;
using Recs.Domain.Decisions;
using Recs.Domain.Wire;
using Recs.Ingest;

namespace Recs.Api.Decisions;

/// <summary>
/// The decision ledger: packs decisions beside the answering and puts them on the stream, from where a <see cref="DecisionKeeper"/> brings them into the
/// store; the newest are also kept in memory, to be looked at before they are there. Safe from any thread. Disposing publishes what waits, for at most ten seconds.
/// </summary>
public sealed class DecisionLedger : IDecisionLedger, IAsyncDisposable
{
    private static readonly TimeSpan LongestFarewell = TimeSpan.FromSeconds(10), Pause = TimeSpan.FromSeconds(1), TellEvery = TimeSpan.FromMinutes(1);

    private readonly EventProducer _producer;
    private readonly string _topic;
    private readonly Func<string, Decision?>? _stored;
    private readonly Action<string>? _log;
    private readonly TimeProvider _clock;
    private readonly Channel<RankedDecision> _waiting;
    private readonly SemaphoreSlim _underWay = new(64);
    private readonly RecentDecisions _recent = new();
    private readonly Task _work;
    private volatile bool _isLeaving;
    private long _published, _dropped, _shortened, _told = long.MinValue;

    /// <param name="producer">Publishes; it stays the caller's.</param>
    /// <param name="topics">Null for <c>recs.*</c>.</param>
    /// <param name="capacity">Decisions that may wait; each holds its candidates' features, some 100 KiB. Range 1 to 100,000.</param>
    /// <param name="stored">Finds a kept decision by its id, where a store is at hand; called from any thread, one at a time.</param>
    /// <param name="log">Takes a line when decisions are dropped; null drops it.</param>
    /// <param name="clock">Null for the system's.</param>
    public DecisionLedger(EventProducer producer, Topics? topics = null, int capacity = 1_024, Func<string, Decision?>? stored = null, Action<string>? log = null, TimeProvider? clock = null)
    {
        if (capacity is < 1 or > 100_000) throw new RefusedException($"decision ledger: the capacity is {capacity}, range 1 to 100000");
        (_producer, _topic, _stored, _log, _clock) = (producer, (topics ?? new Topics()).Decisions, stored, log, clock ?? TimeProvider.System);
        _waiting = Channel.CreateBounded<RankedDecision>(new BoundedChannelOptions(capacity) { SingleReader = true });
        _work = Task.Run(WorkAsync);
    }

    /// <summary>What became of the decisions so far.</summary>
    public DecisionCounts Counts => new(Interlocked.Read(ref _published), Interlocked.Read(ref _dropped), Interlocked.Read(ref _shortened), _waiting.Reader.Count);

    /// <inheritdoc/>
    public bool TryKeep(RankedDecision decision)
    {
        if (_waiting.Writer.TryWrite(decision)) return true;
        Drop("the queue is full");
        return false;
    }

    /// <inheritdoc/>
    public Decision? Find(string id)
    {
        if (_recent.Find(id) is { } recent) return DecisionCodec.Parse(recent, out _);
        if (_stored is null) return null;
        lock (_stored) return _stored(id);
    }

    private async Task WorkAsync()
    {
        await foreach (var decision in _waiting.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            try
            {
                Publish(DecisionRecord.Of(decision));
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                Drop(fault.Message);
            }
            finally
            {
                decision.Dispose();
            }
        }
        for (var place = 0; place < 64; place++) await _underWay.WaitAsync().ConfigureAwait(false); // all that is under way has ended
    }

    private void Publish(Decision record)
    {
        var message = DecisionCodec.Write(record);
        if (message.Length > DecisionCodec.MessageBytes)
        {
            Interlocked.Increment(ref _shortened);
            message = DecisionCodec.Write(record with { Inputs = [] });
        }
        _recent.Add(record.Id, message);
        _underWay.Wait(); // a slow broker fills the queue behind this, and nothing else
        // The message's time is that of publishing: a ranking may be asked for as of any moment, and brokers refuse times far from theirs.
        _ = PublishAsync(new RawMessage(_topic, record.User.Value, message, Timestamp.Now(_clock)));
    }

    private async Task PublishAsync(RawMessage message)
    {
        try
        {
            while (!await TryPublishAsync(message).ConfigureAwait(false)) await Task.Delay(Pause, _clock).ConfigureAwait(false);
            Interlocked.Increment(ref _published);
        }
        catch (RefusedException refused)
        {
            Drop(refused.Message);
        }
        finally
        {
            _underWay.Release();
        }
    }

    /// <returns>False where the brokers are away and there is time for another try.</returns>
    private async Task<bool> TryPublishAsync(RawMessage message)
    {
        try
        {
            await _producer.PublishAsync(message).ConfigureAwait(false);
            return true;
        }
        catch (BrokersAwayException) when (!_isLeaving)
        {
            return false;
        }
    }

    private void Drop(string why)
    {
        var dropped = Interlocked.Increment(ref _dropped);
        var (now, told) = (_clock.GetTimestamp(), Interlocked.Read(ref _told));
        if (told != long.MinValue && _clock.GetElapsedTime(told, now) < TellEvery || Interlocked.CompareExchange(ref _told, now, told) != told) return;
        _log?.Invoke(string.Create(CultureInfo.InvariantCulture, $"decisions: {dropped:N0} could not be kept so far; the last: {why}"));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _isLeaving = true;
        _waiting.Writer.TryComplete();
        await _work.WaitAsync(LongestFarewell, _clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}

/// <summary>What became of decisions.</summary>
/// <param name="Published">On the stream.</param>
/// <param name="Dropped">Lost: the queue was full, or the brokers did not take them.</param>
/// <param name="Shortened">Published without what they were made from, which was too large.</param>
/// <param name="Waiting">Not yet packed.</param>
public readonly record struct DecisionCounts(long Published, long Dropped, long Shortened, int Waiting);
