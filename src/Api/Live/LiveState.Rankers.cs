using Recs.Api.Experiments;
using Recs.Api.Ranking;
using Recs.Domain;
using Recs.Domain.Items;
using Recs.Features.Affinity;
using Recs.Features.Embedding;
using Recs.Ranker.Model;
using Recs.Ranker.Slates;

namespace Recs.Api.Live;

/// <summary>
/// What ranks over the state: the live model and policy, the experiments' and the shadow's, each replaced while requests run. A ranking ends with the ranker it
/// began with; the one after a swap begins with the new one.
/// </summary>
public sealed partial class LiveState
{
    private static readonly Dictionary<string, ServedModel> NoModels = [];

    private readonly Lock _swap = new();
    private volatile RankerTable _table;
    private volatile ShadowModel? _shadow;

    /// <summary>The heads that score.</summary>
    public RankerModel Model => _table.Live.Model;

    /// <summary>The rules of the slate.</summary>
    public SlatePolicy Policy => _table.Policy;

    /// <summary>The experiments under way.</summary>
    public ExperimentSet Experiments => _table.Experiments;

    /// <summary>The version of the vectors that ranking reads, or "none".</summary>
    public string EmbeddingVersion => _table.Default.EmbeddingVersion;

    /// <summary>The vectors that ranking reads, or null.</summary>
    public ItemVectors? Vectors => _table.Live.Vectors;

    internal ShadowModel? Shadow => _shadow;

    /// <summary>Completes when the state, once caught up, has ranked for recent users, so that code and caches are warm. Never faults.</summary>
    public Task Warm { get; private set; } = Task.CompletedTask;

    /// <summary>Makes a slate with the live model and policy, no experiment, nothing left out unless the request says so; see <see cref="SlateRanker"/>.</summary>
    public Slate Rank(RankRequest request)
    {
        var ranker = _table.Default;
        using var inputs = Gather(ranker, request);
        return ranker.Slates.Composer.Compose(inputs);
    }

    /// <summary>Another policy from the next request on. What changes is logged, a line a setting.</summary>
    /// <exception cref="RefusedException">A value is out of its range, alone or with an experiment's settings; the old one stays.</exception>
    public void UsePolicy(SlatePolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        var before = Policy;
        Swap(table => Table(table.Live, policy, table.Experiments, table.Models, table.Affinity));
        foreach (var line in before.Difference(policy)) _options.Log?.Invoke($"policy {before.Version} → {policy.Version}: {line}");
    }

    /// <summary>Another model, with its vectors, from the next request on.</summary>
    /// <exception cref="RefusedException">The vectors are not those it was trained with; the old model stays.</exception>
    public void UseModel(ServedModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        model.Checked();
        model.Vectors?.Prepare(_stop.Token);
        var before = Model.Version;
        Swap(table => Table(model, table.Policy, table.Experiments, table.Models, table.Affinity));
        if (model.Vectors is { } vectors) _vectors = vectors;
        _options.Log?.Invoke($"model {before} → {model.Model.Version}, vectors {EmbeddingVersion}");
    }

    /// <summary>Newer vectors of the version in use, such as those of items that were embedded since.</summary>
    /// <exception cref="RefusedException">They are of another version; the old ones stay.</exception>
    public void UseVectors(ItemVectors vectors) => UseModel(_table.Live with { Vectors = vectors });

    /// <summary>Other experiments from the next request on; those that are not among them end.</summary>
    /// <param name="experiments">All that run.</param>
    /// <param name="models">The models their arms name, at least.</param>
    /// <exception cref="RefusedException">A model is not among those given, or a policy comes out of range; the old ones stay.</exception>
    public void UseExperiments(ExperimentSet experiments, IReadOnlyDictionary<string, ServedModel>? models = null)
    {
        ArgumentNullException.ThrowIfNull(experiments);
        Swap(table => Table(table.Live, table.Policy, experiments, models ?? NoModels, table.Affinity));
        foreach (var layer in experiments.Layers)
            _options.Log?.Invoke($"experiment {layer.Name}: {(layer.IsStopped ? "stopped" : string.Join(", ", layer.Arms.Select(arm => FormattableString.Invariant($"{arm.Name} {arm.Share:0.####}"))))}");
    }

    /// <summary>Scores a model beside the live one, on a sample of the requests and after their answers, which it does not change.</summary>
    /// <param name="model">The shadow; null ends it.</param>
    /// <param name="share">Of the requests, 0 to 1.</param>
    /// <param name="told">Takes each result, on the shadow's thread; null for none: then metrics alone tell.</param>
    /// <exception cref="RefusedException">The vectors are not those it was trained with.</exception>
    public void UseShadow(ServedModel? model, double share = 1, Action<ShadowScore>? told = null)
    {
        if (!(share is >= 0 and <= 1)) throw new RefusedException(FormattableString.Invariant($"the shadow's share is {share}, range 0 to 1"));
        lock (_swap) _shadow = model is null ? null : new(Table(model.Checked(), Policy, ExperimentSet.None, NoModels, _table.Affinity).Default, share, told);
    }

    internal LiveRanker RankerOf(UserId user) => _table.Of(user);

    /// <summary>Reads the state; composing is for outside, so that events are folded in meanwhile.</summary>
    internal SlateInputs Gather(LiveRanker ranker, RankRequest request)
    {
        _gate.EnterReadLock();
        try
        {
            return ranker.Slates.Gather(request);
        }
        finally
        {
            _gate.ExitReadLock();
        }
    }

    private RankerTable Table(ServedModel live, SlatePolicy policy, ExperimentSet experiments, IReadOnlyDictionary<string, ServedModel> models, AffinityTable? affinity) =>
        new((model, rules) => new SlateRanker(_state, _spend, _exposures, model, rules, _clock, _options.Threads), live, policy, experiments, models, affinity, _clock);

    private void Swap(Func<RankerTable, RankerTable> next)
    {
        lock (_swap)
        {
            var table = next(_table);
            if (_shadow is { } shadow) _shadow = shadow with { Ranker = Table(new(shadow.Ranker.Model, shadow.Ranker.Slates.Vectors), table.Policy, ExperimentSet.None, NoModels, table.Affinity).Default };
            _table = table;
        }
    }

    private void TurnWeek()
    {
        AffinityTable? table;
        lock (_weekGate) table = _weeks.Turn(Timestamp.Now(_clock));
        if (table is null) return;
        lock (_swap)
            Writing(() =>
            {
                _table.Use(table);
                if (_shadow is { } shadow) shadow.Ranker.Slates.Affinity = table;
            });
    }

    // A fault of the follower is the status's to tell, one of ranking comes again with the first request.
    private async Task WarmUpAsync(Task caughtUp)
    {
        await caughtUp.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        if (!caughtUp.IsCompletedSuccessfully) return;
        try
        {
            UseNotedVectors();
            _table.Live.Vectors?.Prepare(_stop.Token);
            var requests = Reading(_recent.Newest);
            foreach (var (user, surface, count) in requests.Count > 0 ? requests : [(new UserId("nobody"), "home", 20)])
                foreach (var step in Enum.GetValues<Degradation>())
                {
                    if (_stop.IsCancellationRequested) return;
                    Rank(new(user, surface, count, [ItemKind.Content, ItemKind.Ad], null, Explain: false, Timestamp.Now(_clock)) { Degradation = step });
                }
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            _options.Log?.Invoke($"api: warming up ended early: {fault}");
        }
    }
}
