using System.Collections.Concurrent;
using Recs.Ranker.Model;

namespace Recs.Ranker.Slates;

/// <summary>
/// From what the state said to a slate: heads → value → auction and selection. Pure: equal inputs, model and policy give an equal slate, now or when a
/// decision is made again from the ledger. Safe from any thread; inputs belong to one at a time.
/// </summary>
public sealed class SlateComposer
{
    private readonly Auction _auction;
    private readonly int _threads;

    // One for every composing under way.
    private readonly ConcurrentBag<SlateBuffers> _idle = [];

    /// <param name="model">The heads.</param>
    /// <param name="policy">The rules.</param>
    /// <param name="threads">Threads that may share the work on one slate, the caller's among them, at least 1; the slate is the same for any number.</param>
    /// <exception cref="Domain.RefusedException">A value of the policy is out of its range.</exception>
    public SlateComposer(RankerModel model, SlatePolicy policy, int threads = 1)
    {
        ArgumentNullException.ThrowIfNull(policy);
        policy.Validate();
        (Model, Policy, _auction, _threads) = (model, policy, new Auction(policy), threads);
    }

    /// <summary>The heads.</summary>
    public RankerModel Model { get; }

    /// <summary>The rules.</summary>
    public SlatePolicy Policy { get; }

    /// <summary>Composes the slate of a request.</summary>
    public Slate Compose(SlateInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var removed = inputs.Request.Explain ? new List<Removal>(inputs.Removed) : null;
        if (!_idle.TryTake(out var buffers)) buffers = new SlateBuffers();
        inputs.Times?.Begin();
        var scores = HeadScores.Of(inputs, Model, Policy, buffers, _threads);
        inputs.Times?.End(RankStage.Heads);
        _auction.Order(inputs, scores, buffers.Offers, removed);
        var selection = new SlateSelection(inputs, Policy, _auction, scores, buffers, removed);
        var places = selection.Fill(inputs.Request.Count);
        var entries = new SlateEntry[places.Count];
        for (var i = 0; i < entries.Length; i++)
        {
            ref readonly var contender = ref inputs.Contenders[places[i].At];
            entries[i] = new(i + 1, contender.Id, contender.Kind, scores.Values[places[i].At], scores.Heads(contender.Subject), places[i].Price, places[i].Propensity);
        }
        buffers.Clear();
        _idle.Add(buffers); // not after a fault: those may be half filled
        inputs.Times?.End(RankStage.Selection);
        return new(entries, inputs.Candidates, removed ?? [], selection.Displaced, inputs.SkippedSources);
    }
}
