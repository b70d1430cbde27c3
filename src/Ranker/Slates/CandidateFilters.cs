using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Items;
using Recs.Features.State;
using Recs.Ranker.Model;

namespace Recs.Ranker.Slates;

/// <summary>Both sides of a filter.</summary>
internal sealed record FilterResult(List<SlateCandidate> Kept, List<Removal> Removed);

/// <summary>The filters in their order: the one list to extend. Each says why it removes a candidate, or null to keep it.</summary>
internal sealed class CandidateFilters
{
    private readonly RankingState _state;
    private readonly SpendLedger _spend;
    private readonly RankerModel _model;
    private readonly RankRequest _request;
    private readonly string? _country;
    private readonly HashSet<ItemId> _seen = [];
    private readonly (RemovalReason Reason, Func<SlateCandidate, string?> Refusal)[] _filters;

    public CandidateFilters(RankingState state, SpendLedger spend, RankerModel model, RankRequest request)
    {
        (_state, _spend, _model, _request) = (state, spend, model, request);
        _country = state.UserAttribute(request.User, "country");
        _filters =
        [
            (RemovalReason.Duplicate, candidate => _seen.Add(candidate.Id) ? null : "named twice in one request"),
            (RemovalReason.UnknownItem, candidate => candidate.Item is null ? "not in the catalogue" : null),
            (RemovalReason.NotActive, candidate => Inactive(candidate.Item)),
            (RemovalReason.KindNotAsked, candidate => _request.Kinds.Contains(candidate.Item!.Kind) ? null : $"is {candidate.Item.Kind.ToString().ToLowerInvariant()}"),
            (RemovalReason.PromotesInactive, candidate => OfAd(candidate, PromotesInactive)),
            (RemovalReason.NotTargeted, candidate => OfAd(candidate, NotTargeted)),
            (RemovalReason.BidNotPredicted, candidate => OfAd(candidate, BidNotPredicted)),
            (RemovalReason.BudgetSpent, candidate => OfAd(candidate, BudgetSpent)),
        ];
    }

    public FilterResult Apply(IEnumerable<ItemId> ids)
    {
        var kept = ids.Select(id => new SlateCandidate(id, _state.FindItem(id))).ToList();
        List<Removal> removed = [];
        foreach (var (reason, refusal) in _filters)
            kept.RemoveAll(candidate =>
            {
                if (refusal(candidate) is not { } detail) return false;
                removed.Add(new(candidate.Id, reason, detail));
                return true;
            });
        return new(kept, removed);
    }

    /// <summary>What is left of an ad's budget today, in millionths of the currency.</summary>
    public static long Remaining(SpendLedger spend, Item item, Ad ad, Timestamp now) =>
        Math.Max(0, ad.DailyBudgetMicros - spend.Spent(item.Id, ad.Bid.Per, now.DayIndex));

    private static string? OfAd(SlateCandidate candidate, Func<Item, Ad, string?> refusal) =>
        candidate.Item is { Ad: { } ad } item ? refusal(item, ad) : null;

    private static string? Inactive(Item? item) => item is { Status: not ItemStatus.Active } ? $"is {item.Status.ToString().ToLowerInvariant()}" : null;

    private string? PromotesInactive(Item item, Ad ad) => ad.Promotes is not { } promoted ? null
        : _state.FindItem(promoted) is not { } content ? $"promotes {promoted}, which is not in the catalogue"
        : Inactive(content) is { } why ? $"promotes {promoted}, which {why}" : null;

    private string? NotTargeted(Item item, Ad ad) => ad.Countries.Count == 0 || _country is not null && ad.Countries.Contains(_country, StringComparer.Ordinal)
        ? null : $"targeted at {ad.Countries.Count} countries, the user's is {_country ?? "not known"}";

    private string? BidNotPredicted(Item item, Ad ad) => ad.Bid.Per switch
    {
        BidUnit.Click when _model.Head(InteractionType.Click) is null => "bids per click, which no head predicts",
        BidUnit.Conversion when _model.Head(InteractionType.Conversion) is null => "bids per conversion, which no head predicts",
        _ => null,
    };

    private string? BudgetSpent(Item item, Ad ad) =>
        Remaining(_spend, item, ad, _request.Now) > 0 ? null : $"the day's budget of {ad.DailyBudgetMicros} micros is spent";
}
