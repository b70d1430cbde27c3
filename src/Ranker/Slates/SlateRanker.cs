using Recs.Domain;
using Recs.Domain.Items;
using Recs.Features.Affinity;
using Recs.Features.Embedding;
using Recs.Features.State;
using Recs.Ranker.Model;

namespace Recs.Ranker.Slates;

/// <summary>
/// From a request to a slate, pure: equal state, tables, model, policy and request give an equal slate.
/// Thread rule: any number of rankings at once, while neither the state, the ledger nor the tables change; the owner sees to it.
/// </summary>
public sealed class SlateRanker
{
    private readonly RankingState _state;
    private readonly SpendLedger _spend;
    private readonly CandidateScorer _scorer;

    /// <param name="state">The folded facts.</param>
    /// <param name="spend">The same facts, as money.</param>
    /// <param name="model">The heads.</param>
    /// <param name="policy">Null for the defaults.</param>
    /// <exception cref="RefusedException">A value of the policy is out of its range.</exception>
    public SlateRanker(RankingState state, SpendLedger spend, RankerModel model, SlatePolicy? policy = null)
    {
        (_state, _spend, Model, Policy) = (state, spend, model, policy ?? new SlatePolicy());
        Policy.Validate();
        _scorer = new(state, model, Policy);
    }

    /// <summary>The heads.</summary>
    public RankerModel Model { get; }

    /// <summary>The rules of the slate.</summary>
    public SlatePolicy Policy { get; }

    /// <summary>The co-engagement table of the current week, or null.</summary>
    public AffinityTable? Affinity { get; set; }

    /// <summary>The item vectors the model was trained with, or null.</summary>
    public ItemVectors? Vectors { get; set; }

    /// <summary>Ranks: the stages in their order.</summary>
    public Slate Rank(RankRequest request)
    {
        // sources
        var candidates = request.Candidates ?? CandidateSources.Find(request, _state, Affinity, Vectors, Policy);
        // filters
        var (kept, removed) = new CandidateFilters(_state, _spend, Model, request).Apply(candidates);
        // features, heads, value
        var scored = _scorer.Score(request, kept, Affinity, Vectors);
        var content = scored.Where(candidate => candidate.Item.Ad is null)
            .OrderByDescending(candidate => candidate.Value).ThenBy(candidate => candidate.Item.Id.Value, StringComparer.Ordinal).ToList();
        var auction = new Auction(Model, _spend, Policy);
        var offers = auction.Order(scored.Where(candidate => candidate.Item.Ad is not null), request.Now, removed);
        // selection
        var chosen = new SlateSelection(Policy, auction, content, offers, removed).Fill(request.Count, adsOnly: !request.Kinds.Contains(ItemKind.Content));
        // slate
        return new([.. chosen.Select((place, at) => Entry(at + 1, place.Candidate, place.Price))], candidates.Count, request.Explain ? removed : []);
    }

    private SlateEntry Entry(int position, ScoredCandidate candidate, AdPrice? price) => new(position, candidate.Item.Id, candidate.Item.Kind, candidate.Value,
        [.. Model.Heads.Zip(candidate.Probabilities, (head, probability) => new HeadProbability(head.Action, probability))], price);
}
