using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Items;
using Recs.Features.Affinity;
using Recs.Features.Embedding;
using Recs.Features.State;
using Recs.Ingest;
using Recs.Ranker.Model;
using Recs.Ranker.Slates;
using Recs.Storage;

namespace Recs.Api.Live;

/// <summary>
/// Everything a slate is made of, in memory: loaded from the store, kept fresh from the stream. Invariant: each distinct event is
/// folded in once, whether it came from the store or from the stream. Overflow policy: while an event is folded in nothing is read
/// from the stream, so a slow fold shows as lag. Safe from any thread: many rankings at once, or one writer.
/// </summary>
public sealed class LiveState : IAsyncDisposable
{
    private static readonly TimeSpan WeekCheck = TimeSpan.FromMinutes(1);

    private readonly ReaderWriterLockSlim _gate = new();
    private readonly Lock _weekGate = new();
    private readonly RankingState _state;
    private readonly SpendLedger _spend = new();
    private readonly ExposureLedger _exposures = new();
    private readonly SeenEvents _seen = new();
    private readonly AffinityWeeks _weeks;
    private readonly SlateRanker _ranker;
    private readonly LiveStateOptions _options;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _stop = new();
    private ITimer? _weekly;
    private StreamFollower? _follower;
    private IReadOnlyDictionary<StreamPartition, long> _offsets = new Dictionary<StreamPartition, long>();
    private ItemVectors? _vectors;
    private long _facts;

    private LiveState(RankingState state, RankerModel model, LiveStateOptions options, TimeProvider clock)
    {
        (_state, _options, _clock) = (state, options, clock);
        _weeks = new(Timestamp.Now(clock), model.Schema.NeedsRatings);
        _ranker = new(_state, _spend, _exposures, model, options.Policy, clock);
    }

    /// <summary>The heads that score.</summary>
    public RankerModel Model => _ranker.Model;

    /// <summary>The rules of the slate.</summary>
    public SlatePolicy Policy => _ranker.Policy;

    /// <summary>The version of the vectors that ranking reads, or "none".</summary>
    public string EmbeddingVersion => _ranker.Vectors?.Version ?? "none";

    /// <summary>How fresh the state is.</summary>
    public LiveStatus Status
    {
        get
        {
            var fault = _follower?.Fault;
            var ready = _follower is null || fault is null && _follower.CaughtUp.IsCompletedSuccessfully && _follower.Lag <= _options.ReadyLag;
            var newest = Reading(() => _state.Newest);
            return new(ready, _follower?.Lag ?? 0, fault?.Message, Interlocked.Read(ref _facts), newest);
        }
    }

    /// <summary>Folds the facts of the store, and takes the vectors that the model was trained with. Blocks; the store is free again afterwards.</summary>
    /// <param name="store">Migrated.</param>
    /// <param name="model">The heads.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="clock">The clock of the rankings; null for the system's.</param>
    /// <exception cref="RefusedException">A value of the policy is out of its range.</exception>
    public static LiveState Load(IRecsStore store, RankerModel model, LiveStateOptions? options = null, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        // Without the snapshot: spend and affinity are not in it.
        var since = store.ReadState(layout: null);
        var live = new LiveState(since.Start is { } start ? StoredFold.Read(start).State : new RankingState(), model, options ?? new LiveStateOptions(), clock ?? TimeProvider.System);
        live._offsets = since.OffsetsOf(live._options.Group);
        foreach (var fact in since.Facts)
        {
            live._seen.Add(fact.Event);
            live.Fold(fact);
        }
        live._ranker.Affinity = live._weeks.Build();
        live.UseVectors(new ItemVectors(store.Embeddings(model.EmbeddingVersion)), store);
        live._weekly = live._clock.CreateTimer(_ => live.TurnWeek(), null, WeekCheck, WeekCheck);
        return live;
    }

    /// <summary>Starts to follow the stream from where the store's facts end. Once.</summary>
    public void Follow(KafkaConnection connection)
    {
        if (_follower is not null) throw new InvalidOperationException("the state follows one stream; load another state for another one");
        _follower = new StreamFollower(connection, _offsets, _seen, Fold, _options.Topics, _clock);
        _follower.Start();
    }

    /// <summary>Completes when what was on the stream when following began is folded in.</summary>
    /// <exception cref="RefusedException">The brokers do not answer, or the stream no longer holds the place where the store's facts end.</exception>
    public Task CaughtUp => _follower?.CaughtUp ?? Task.CompletedTask;

    /// <summary>Makes a slate; see <see cref="SlateRanker"/>.</summary>
    public Slate Rank(RankRequest request) => Reading(() => _ranker.Rank(request));

    /// <summary>The item's newest version, or null.</summary>
    public Item? FindItem(ItemId item) => Reading(() => _state.FindItem(item));

    /// <summary>The active content items most like <paramref name="item"/>, with their strengths.</summary>
    /// <param name="item">A known item; an ad is judged by what it promotes.</param>
    /// <param name="count">At most so many.</param>
    /// <returns>Null when the catalogue does not have the item.</returns>
    public SimilarItems? Similar(ItemId item, int count) => Reading(() =>
        _state.FindItem(item) is { } known ? SimilarItems.Find(_state, _vectors, _ranker.Affinity, known.Ad?.Promotes ?? item, count) : null);

    private T Reading<T>(Func<T> read)
    {
        _gate.EnterReadLock();
        try
        {
            return read();
        }
        finally
        {
            _gate.ExitReadLock();
        }
    }

    private void Writing(Action write)
    {
        _gate.EnterWriteLock();
        try
        {
            write();
        }
        finally
        {
            _gate.ExitWriteLock();
        }
    }

    // The two gates are never held together: making a table takes a while, and rankings go on meanwhile.
    private void Fold(Fact fact)
    {
        Writing(() =>
        {
            _state.Apply(fact.Event);
            _spend.Apply(fact.Event);
            _exposures.Apply(fact.Event);
        });
        lock (_weekGate) _weeks.Add(fact);
        Interlocked.Increment(ref _facts);
    }

    private void TurnWeek()
    {
        AffinityTable? table;
        lock (_weekGate) table = _weeks.Turn(Timestamp.Now(_clock));
        if (table is not null) Writing(() => _ranker.Affinity = table);
    }

    // A model trained without vectors must not see any; "similar" may still use the newest.
    private void UseVectors(ItemVectors vectors, IRecsStore store)
    {
        if (vectors.Count > 0) _ranker.Vectors = _vectors = vectors;
        else if (store.LatestEmbeddingVersion() is { } latest) _vectors = new ItemVectors(store.Embeddings(latest));
        if (_ranker.Vectors is { } read) _ = Task.Run(() => read.Prepare(_stop.Token));
    }

    /// <summary>Stops following and waits for the event under way.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_weekly is not null) await _weekly.DisposeAsync().ConfigureAwait(false);
        if (_follower is not null) await _follower.DisposeAsync().ConfigureAwait(false);
        _gate.Dispose();
        _stop.Dispose();
    }
}
