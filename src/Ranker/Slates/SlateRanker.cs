using Recs.Domain;
using Recs.Features.Affinity;
using Recs.Features.Embedding;
using Recs.Features.State;
using Recs.Ranker.Model;

namespace Recs.Ranker.Slates;

/// <summary>
/// From a request to a slate, pure: equal state, tables, model, policy and request give an equal slate.
/// The stages in their order: sources, filters, features (<see cref="Gather"/>); heads, value, selection (<see cref="SlateComposer"/>).
/// Thread rule: any number of rankings at once, while neither the state, the ledgers nor the tables change; the owner sees to it.
/// </summary>
public sealed class SlateRanker
{
    private readonly RankingState _state;
    private readonly SpendLedger _spend;
    private readonly ExposureLedger _exposures;
    private readonly ContenderReader _contenders;
    private readonly TimeProvider _clock;
    private readonly int _threads;

    /// <param name="state">The folded facts.</param>
    /// <param name="spend">The same facts, as money.</param>
    /// <param name="exposures">The same facts, as what each user was shown.</param>
    /// <param name="model">The heads.</param>
    /// <param name="policy">Null for the defaults.</param>
    /// <param name="clock">Tells when a source is late; null for the system's.</param>
    /// <param name="threads">Threads that may share the work on one slate, the caller's among them, at least 1; the slate is the same for any number. A thread that finds
    /// nobody to share with does all of it.</param>
    /// <exception cref="RefusedException">A value of the policy is out of its range.</exception>
    public SlateRanker(RankingState state, SpendLedger spend, ExposureLedger exposures, RankerModel model, SlatePolicy? policy = null, TimeProvider? clock = null, int threads = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        (_state, _spend, _exposures, _clock, _threads) = (state, spend, exposures, clock ?? TimeProvider.System, threads);
        Composer = new(model, policy ?? new SlatePolicy(), threads);
        _contenders = new(state, model, Composer.Policy, threads);
    }

    /// <summary>What composes slates from what was gathered.</summary>
    public SlateComposer Composer { get; }

    /// <summary>The heads.</summary>
    public RankerModel Model => Composer.Model;

    /// <summary>The rules of the slate.</summary>
    public SlatePolicy Policy => Composer.Policy;

    /// <summary>The co-engagement table of the current week, or null.</summary>
    public AffinityTable? Affinity { get; set; }

    /// <summary>The item vectors the model was trained with, or null.</summary>
    public ItemVectors? Vectors { get; set; }

    /// <summary>Ranks: gathers and composes.</summary>
    public Slate Rank(RankRequest request)
    {
        using var inputs = Gather(request);
        return Composer.Compose(inputs);
    }

    /// <summary>The stages that read the state: sources, filters, features. The state may change afterwards.</summary>
    /// <returns>The caller's, to dispose of. Likenesses are still read from the vectors when it is composed; those do not change.</returns>
    public SlateInputs Gather(RankRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var times = new StageTimes(_clock);
        using var lists = GatheringLists.Rent();
        var found = request.Candidates is { } named ? new(named, [], []) : CandidateSources.Find(request, _state, Affinity, Vectors, Policy, lists, _threads, _clock);
        times.End(RankStage.Sources);
        List<Removal> removed = [];
        new CandidateFilters(_state, _spend, _exposures, Policy, request).Apply(found.Items, lists.Kept, removed);
        times.End(RankStage.Filters);
        var inputs = _contenders.Read(request, lists.Kept, Affinity, Vectors);
        times.End(RankStage.Features);
        (inputs.Candidates, inputs.SkippedSources, inputs.Removed, inputs.Sources, inputs.Times) = (found.Items.Count, found.Skipped, removed, found.Counts, times);
        return inputs;
    }
}
