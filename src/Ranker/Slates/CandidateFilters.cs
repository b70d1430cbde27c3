using System.Globalization;
using System.Runtime.CompilerServices;
using Recs.Domain;
using Recs.Domain.Items;
using Recs.Features.State;

namespace Recs.Ranker.Slates;

/// <summary>A candidate that no filter took out.</summary>
/// <param name="Item">The candidate.</param>
/// <param name="MostMicros">Of an ad the most it can pay for one event of its kind now; 0 for content.</param>
internal readonly record struct KeptCandidate(Item Item, long MostMicros);

/// <summary>
/// The filters in their order: the one place to extend. Each says whether it takes a candidate out, and to whom it is explained also why. What is the same
/// for all candidates of a request is read once.
/// </summary>
internal sealed class CandidateFilters
{
    private delegate string? ItemRefusal(CandidateFilters filters, ItemId id, Item? item);

    private delegate string? AdRefusal(CandidateFilters filters, Item item, Ad ad);

    private delegate string? BudgetRefusal(CandidateFilters filters, in AdBudget budget);

    private static readonly (RemovalReason Reason, ItemRefusal Refusal)[] OfItems =
    [
        (RemovalReason.Duplicate, (filters, id, _) => filters._named is null || filters._named.Add(id) ? null : "named twice in one request"),
        (RemovalReason.UnknownItem, (_, _, item) => item is null ? "not in the catalogue" : null),
        (RemovalReason.NotActive, (filters, _, item) => filters.Inactive(item)),
        (RemovalReason.KindNotAsked, (filters, _, item) => filters.KindNotAsked(item!)),
        (RemovalReason.AlreadySeen, (filters, id, item) => item!.Ad is null ? filters.AlreadySeen(id) : null),
    ];

    private static readonly (RemovalReason Reason, AdRefusal Refusal)[] OfAds =
    [
        (RemovalReason.PromotesInactive, (filters, _, ad) => filters.PromotesInactive(ad)),
        (RemovalReason.OutsideFlight, (filters, _, ad) => filters.OutsideFlight(ad)),
        (RemovalReason.NotTargeted, (filters, _, ad) => filters.NotTargeted(ad)),
        (RemovalReason.SurfaceNotTargeted, (filters, _, ad) => filters.SurfaceNotTargeted(ad)),
        (RemovalReason.HourNotTargeted, (filters, _, ad) => filters.HourNotTargeted(ad)),
        (RemovalReason.CategoryNotTargeted, (filters, _, ad) => filters.CategoryNotTargeted(ad)),
        (RemovalReason.FrequencyCap, (filters, item, ad) => filters.FrequencyCap(item, ad)),
    ];

    private static readonly (RemovalReason Reason, BudgetRefusal Refusal)[] OfBudgets =
    [
        (RemovalReason.BudgetSpent, (CandidateFilters filters, in AdBudget budget) => filters.BudgetSpent(budget)),
        (RemovalReason.Paced, (CandidateFilters filters, in AdBudget budget) => filters.Paced(budget)),
    ];

    private readonly RankingState _state;
    private readonly SpendLedger _spend;
    private readonly SlatePolicy _policy;
    private readonly RankRequest _request;
    private readonly ExposureLedger.UserExposures _shown;
    private readonly string? _country;
    private readonly int _hour;
    private readonly double _plannedShare;
    // What the sources find has each item once.
    private readonly HashSet<ItemId>? _named;
    private HashSet<string>? _likedCategories;
    private Dictionary<AdvertiserId, int>? _adsShown;

    public CandidateFilters(RankingState state, SpendLedger spend, ExposureLedger exposures, SlatePolicy policy, RankRequest request)
    {
        (_state, _spend, _policy, _request) = (state, spend, policy, request);
        _shown = exposures.Of(request.User);
        _country = state.UserAttribute(request.User, "country");
        _hour = (int)((request.Now.Milliseconds - Timestamp.OfDay(request.Now.DayIndex).Milliseconds) / 3_600_000);
        _plannedShare = Pacing.PlannedShare(policy.PacingCurve, request.Now);
        _named = request.Candidates is { } named ? new(named.Count) : null;
    }

    /// <summary>Kept candidates are added to <paramref name="kept"/>, the others to <paramref name="removed"/>, each in the order of the candidates.</summary>
    public void Apply(IReadOnlyList<ItemId> candidates, List<KeptCandidate> kept, List<Removal> removed)
    {
        for (var at = 0; at < candidates.Count; at++)
        {
            var item = _state.FindItem(candidates[at]);
            if (Removal(candidates[at], item, out var mostMicros) is { } removal) removed.Add(removal);
            else kept.Add(new(item!, mostMicros));
        }
    }

    private Removal? Removal(ItemId id, Item? item, out long mostMicros)
    {
        mostMicros = 0;
        foreach (var (reason, refusal) in OfItems)
            if (refusal(this, id, item) is { } detail) return new(id, reason, detail);
        if (item!.Ad is not { } ad) return null;
        foreach (var (reason, refusal) in OfAds)
            if (refusal(this, item, ad) is { } detail) return new(id, reason, detail);
        var spent = _spend.Spent(id, ad.Bid.Per, _request.Now.DayIndex);
        var budget = new AdBudget(ad, spent, Pacing.Multiplier(_policy, ad.DailyBudgetMicros, spent, _plannedShare));
        foreach (var (reason, refusal) in OfBudgets)
            if (refusal(this, budget) is { } detail) return new(id, reason, detail);
        mostMicros = budget.MostMicros;
        return null;
    }

    private string? Inactive(Item? item) => item is { Status: not ItemStatus.Active } ? Why($"is {item.Status.ToString().ToLowerInvariant()}") : null;

    private string? AlreadySeen(ItemId id)
    {
        if (_policy.SeenAfter == 0 || _shown.IsEmpty) return null;
        var times = _shown.Count(id, _request.Now.DayIndex - _policy.SeenDays + 1);
        return times >= _policy.SeenAfter ? Why($"shown {times} times in {_policy.SeenDays} days, limit {_policy.SeenAfter}") : null;
    }

    private string? KindNotAsked(Item item) => _request.Kinds.Contains(item.Kind) ? null : Why($"is {item.Kind.ToString().ToLowerInvariant()}");

    private string? PromotesInactive(Ad ad) => ad.Promotes is not { } promoted ? null
        : _state.FindItem(promoted) is not { } content ? Why($"promotes {promoted}, which is not in the catalogue")
        : Inactive(content) is { } why ? Why($"promotes {promoted}, which {why}") : null;

    private string? OutsideFlight(Ad ad) => ad.Starts is { } starts && _request.Now < starts ? Why($"starts {starts}")
        : ad.Ends is { } ends && _request.Now >= ends ? Why($"ended {ends}") : null;

    private string? NotTargeted(Ad ad) => ad.Countries.Count == 0 || _country is not null && ad.Countries.Contains(_country, StringComparer.Ordinal)
        ? null : Why($"targeted at {ad.Countries.Count} countries, the user's is {_country ?? "not known"}");

    private string? SurfaceNotTargeted(Ad ad) => ad.Surfaces.Count == 0 || ad.Surfaces.Contains(_request.Surface, StringComparer.Ordinal) ? null : Why($"not for surface {_request.Surface}");

    private string? HourNotTargeted(Ad ad) => ad.Hours.Count == 0 || ad.Hours.Contains(_hour) ? null : Why($"not for hour {_hour} UTC");

    private string? CategoryNotTargeted(Ad ad) => ad.Categories.Count == 0 || ad.Categories.Any(LikedCategories().Contains) ? null : "the user liked nothing of its categories lately";

    private string? FrequencyCap(Item item, Ad ad)
    {
        if (_shown.IsEmpty) return null;
        var today = _request.Now.DayIndex;
        var cap = ad.UserDailyCap ?? _policy.AdUserDailyCap;
        if (cap > 0 && _shown.Count(item.Id, today) is var times && times >= cap) return Why($"shown {times} times today, limit {cap}");
        if (_policy.AdvertiserUserDailyCap == 0) return null;
        var ofAdvertiser = AdsShownToday(today).GetValueOrDefault(ad.Advertiser);
        return ofAdvertiser >= _policy.AdvertiserUserDailyCap ? Why($"ads of {ad.Advertiser} shown {ofAdvertiser} times today, limit {_policy.AdvertiserUserDailyCap}") : null;
    }

    private string? BudgetSpent(in AdBudget budget) => budget.RemainingMicros > 0 ? null : Why($"the day's budget of {budget.Ad.DailyBudgetMicros} micros is spent");

    private string? Paced(in AdBudget budget) => budget.PacedShare > 0 ? null
        : Why($"{budget.SpentMicros} micros spent, {(long)(_plannedShare * budget.Ad.DailyBudgetMicros)} planned by now");

    // Most removals are never read: the text is put together only where it was asked for.
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Performance", "CA1822", Justification = "the text asks this request whether it is wanted")]
    private string Why([InterpolatedStringHandlerArgument("")] ref ReasonText text) => text.ToString();

    [InterpolatedStringHandler]
    private ref struct ReasonText(int literals, int holes, CandidateFilters filters, out bool isAsked)
    {
        private DefaultInterpolatedStringHandler _text = (isAsked = filters._request.Explain) ? new(literals, holes, CultureInfo.InvariantCulture) : default;

        public void AppendLiteral(string text) => _text.AppendLiteral(text);

        public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

        public override string ToString() => _text.ToStringAndClear();
    }

    // The two below are made at the first ad that asks, and not for most requests.
    private HashSet<string> LikedCategories() => _likedCategories ??=
        [.. _state.RecentItems(_request.User, 100).Select(item => _state.FindItem(item)?.Category ?? "").Where(category => category.Length > 0)];

    private Dictionary<AdvertiserId, int> AdsShownToday(int today) => _adsShown ??= _shown.Since(today)
        .Select(id => _state.FindItem(id)?.Ad?.Advertiser).OfType<AdvertiserId>().CountBy(advertiser => advertiser).ToDictionary();
}
