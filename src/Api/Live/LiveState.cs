using Recs.Api.Experiments;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Items;
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
public sealed partial class LiveState : IAsyncDisposable
{
    private static readonly TimeSpan WeekCheck = TimeSpan.FromMinutes(1);

    private readonly ReaderWriterLockSlim _gate = new();
    private readonly Lock _weekGate = new();
    private readonly RankingState _state;
    private readonly SpendLedger _spend = new();
    private readonly ExposureLedger _exposures = new();
    private readonly HashSet<string> _forgotten = [];
    private readonly RecentRequests _recent = new();
    private readonly SeenEvents _seen = new();
    private readonly AffinityWeeks _weeks;
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
        _table = Table(new(model, null), options.Policy, ExperimentSet.None, NoModels, null); // refuses a wrong policy before the facts are read
    }

    /// <summary>How fresh the state is.</summary>
    public LiveStatus Status
    {
        get
        {
            var fault = _follower?.Fault;
            var caughtUp = _follower is null || fault is null && _follower.CaughtUp.IsCompletedSuccessfully && _follower.Lag <= _options.ReadyLag;
            _gate.EnterReadLock();
            var newest = _state.Newest;
            _gate.ExitReadLock();
            return new(caughtUp && Warm.IsCompleted, _follower?.Lag ?? 0, fault?.Message, Interlocked.Read(ref _facts), newest) { IsWarmingUp = caughtUp && !Warm.IsCompleted };
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
        ArgumentNullException.ThrowIfNull(model);
        // Without the snapshot: spend and affinity are not in it.
        var since = store.ReadState(layout: null);
        var live = new LiveState(since.Start is { } start ? StoredFold.Read(start).State : new RankingState(), model, options ?? new LiveStateOptions(), clock ?? TimeProvider.System);
        live._offsets = since.OffsetsOf(live._options.Group);
        foreach (var fact in since.Facts)
        {
            live._seen.Add(fact.Event);
            live.Fold(fact);
        }
        live._state.Settle();
        var vectors = VectorsOf(store, model.EmbeddingVersion);
        // A model trained without vectors must not see any; "similar" may still use the newest.
        live._vectors = vectors ?? (store.LatestEmbeddingVersion() is { } latest ? VectorsOf(store, latest) : null);
        live.Swap(table => live.Table(new(model, vectors), table.Policy, ExperimentSet.None, NoModels, live._weeks.Build()));
        if (vectors is not null) _ = Task.Run(() => vectors.Prepare(live._stop.Token), CancellationToken.None);
        live._weekly = live._clock.CreateTimer(_ => live.TurnWeek(), null, WeekCheck, WeekCheck);
        return live;
    }

    /// <summary>Vectors of a version, or null where the store has none.</summary>
    public static ItemVectors? VectorsOf(IRecsStore store, string version)
    {
        ArgumentNullException.ThrowIfNull(store);
        return new ItemVectors(store.Embeddings(version)) is { Count: > 0 } vectors ? vectors : null;
    }

    /// <summary>Starts to follow the stream from where the store's facts end, and to warm up once it has caught up. Once.</summary>
    public void Follow(KafkaConnection connection)
    {
        if (_follower is not null) throw new InvalidOperationException("the state follows one stream; load another state for another one");
        _follower = new StreamFollower(connection, _offsets, _seen, Fold, _options.Topics, _clock, NoteVector);
        _vectorChecks = FollowVectorsAsync(_follower.CaughtUp);
        Warm = WarmUpAsync(_follower.CaughtUp);
        _follower.Start();
    }

    /// <summary>Completes when what was on the stream when following began is folded in.</summary>
    /// <exception cref="RefusedException">The brokers do not answer, or the stream no longer holds the place where the store's facts end.</exception>
    public Task CaughtUp => _follower?.CaughtUp ?? Task.CompletedTask;

    /// <summary>The item's newest version, or null.</summary>
    public Item? FindItem(ItemId item) => Reading(() => _state.FindItem(item));

    /// <summary>The active content items most like <paramref name="item"/>, with their strengths.</summary>
    /// <param name="item">A known item; an ad is judged by what it promotes.</param>
    /// <param name="count">At most so many.</param>
    /// <returns>Null when the catalogue does not have the item.</returns>
    public SimilarItems? Similar(ItemId item, int count) => Reading(() =>
        _state.FindItem(item) is { } known ? SimilarItems.Find(_state, _vectors, _table.Affinity, known.Ad?.Promotes ?? item, count) : null);

    /// <summary>How old an event time is.</summary>
    internal TimeSpan AgeOf(Timestamp time) => TimeSpan.FromMilliseconds(Math.Max(0, Timestamp.Now(_clock).Milliseconds - time.Milliseconds));

    /// <summary>
    /// Forgets a user: nothing is kept under the id, and what the stream still brings of theirs is not folded in. Totals of items count what they did until
    /// the state is loaded anew. Other users' slates may be made at the same time.
    /// </summary>
    public void Forget(UserId user) => Writing(() =>
    {
        _forgotten.Add(UserHash.Of(user));
        _state.Forget(user, []);
        _exposures.Forget(user);
        _recent.Forget(user);
    });

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
        var isForgotten = false;
        Writing(() =>
        {
            isForgotten = _forgotten.Count > 0 && UserHash.UserOf(fact.Event) is { } user && _forgotten.Contains(UserHash.Of(user));
            if (isForgotten) return;
            _state.Apply(fact.Event);
            _spend.Apply(fact.Event);
            _exposures.Apply(fact.Event);
            _recent.Add(fact.Event);
        });
        if (isForgotten) return;
        lock (_weekGate) _weeks.Add(fact);
        Interlocked.Increment(ref _facts);
    }

    /// <summary>Stops following and waits for the event under way.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_weekly is not null) await _weekly.DisposeAsync().ConfigureAwait(false);
        if (_follower is not null) await _follower.DisposeAsync().ConfigureAwait(false);
        await _vectorChecks.ConfigureAwait(false);
        await Warm.ConfigureAwait(false);
        _gate.Dispose();
        _stop.Dispose();
    }
}
