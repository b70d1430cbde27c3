using System.Globalization;
using System.Runtime.CompilerServices;
using Recs.Domain;
using Recs.Domain.Items;
using Recs.Features.State;

namespace Recs.Ranker.Slates;

/// <summary>The filters in their order: the one list to extend. Each says whether it takes a candidate out, and to whom it is explained also why.</summary>
internal sealed class CandidateFilters
{
    private readonly RankingState _state;
    private readonly SpendLedger _spend;
    private readonly SlatePolicy _policy;
    private readonly RankRequest _request;
    private readonly ExposureLedger.UserExposures _shown;
    private readonly string? _country;
    private readonly int _hour;
    private readonly HashSet<ItemId> _met = [];
    private readonly (RemovalReason Reason, Func<ItemId, Item?, string?> Refusal)[] _all;
    private HashSet<string>? _likedCategories;
    private Dictionary<AdvertiserId, int>? _adsShown;

    public CandidateFilters(RankingState state, SpendLedger spend, ExposureLedger exposures, SlatePolicy policy, RankRequest request)
    {
        (_state, _spend, _policy, _request) = (state, spend, policy, request);
        _shown = exposures.Of(request.User);
        _country = state.UserAttribute(request.User, "country");
        _hour = (int)((request.Now.Milliseconds - Timestamp.OfDay(request.Now.DayIndex).Milliseconds) / 3_600_000);
        _all =
        [
            (RemovalReason.Duplicate, (id, _) => _met.Add(id) ? null : "named twice in one request"),
            (RemovalReason.UnknownItem, (_, item) => item is null ? "not in the catalogue" : null),
            (RemovalReason.NotActive, (_, item) => Inactive(item)),
            (RemovalReason.KindNotAsked, (_, item) => _request.Kinds.Contains(item!.Kind) ? null : Why($"is {item.Kind.ToString().ToLowerInvariant()}")),
            (RemovalReason.AlreadySeen, (id, item) => item!.Ad is null ? AlreadySeen(id) : null),
            (RemovalReason.PromotesInactive, OfAd(PromotesInactive)),
            (RemovalReason.OutsideFlight, OfAd(OutsideFlight)),
            (RemovalReason.NotTargeted, OfAd(NotTargeted)),
            (RemovalReason.SurfaceNotTargeted, OfAd((_, ad) => ad.Surfaces.Count == 0 || ad.Surfaces.Contains(_request.Surface, StringComparer.Ordinal) ? null : Why($"not for surface {_request.Surface}"))),
            (RemovalReason.HourNotTargeted, OfAd((_, ad) => ad.Hours.Count == 0 || ad.Hours.Contains(_hour) ? null : Why($"not for hour {_hour} UTC"))),
            (RemovalReason.CategoryNotTargeted, OfAd((_, ad) => ad.Categories.Count == 0 || ad.Categories.Any(LikedCategories().Contains) ? null : "the user liked nothing of its categories lately")),
            (RemovalReason.FrequencyCap, OfAd(FrequencyCap)),
            (RemovalReason.BudgetSpent, OfAd(BudgetSpent)),
            (RemovalReason.Paced, OfAd(Paced)),
        ];
    }

    /// <summary>Kept candidates go on to <paramref name="keep"/> in their order, the others are added to <paramref name="removed"/> in the order of the candidates.</summary>
    public void Apply(IReadOnlyList<ItemId> candidates, Action<Item> keep, List<Removal> removed)
    {
        for (var at = 0; at < candidates.Count; at++)
        {
            var item = _state.FindItem(candidates[at]);
            if (Removal(candidates[at], item) is { } removal) removed.Add(removal);
            else keep(item!);
        }
    }

    /// <summary>The most an ad can pay for one event of its kind now: the paced bid, or what is left of the day's budget where that is less.</summary>
    public long MostMicros(Item item, Ad ad)
    {
        var remaining = Remaining(item, ad);
        var bid = (long)(ad.Bid.Micros * PacedShare(item, ad));
        // One impression owes a thousandth of the price; budgets are at most 10^15, so this does not overflow.
        return Math.Min(bid, ad.Bid.Per == BidUnit.Thousand ? remaining * 1_000 : remaining);
    }

    private Removal? Removal(ItemId id, Item? item)
    {
        foreach (var (reason, refusal) in _all)
            if (refusal(id, item) is { } detail) return new(id, reason, detail);
        return null;
    }

    private static Func<ItemId, Item?, string?> OfAd(Func<Item, Ad, string?> refusal) => (_, item) => item is { Ad: { } ad } ? refusal(item, ad) : null;

    private string? Inactive(Item? item) => item is { Status: not ItemStatus.Active } ? Why($"is {item.Status.ToString().ToLowerInvariant()}") : null;

    private string? AlreadySeen(ItemId id)
    {
        if (_policy.SeenAfter == 0 || _shown.IsEmpty) return null;
        var times = _shown.Count(id, _request.Now.DayIndex - _policy.SeenDays + 1);
        return times >= _policy.SeenAfter ? Why($"shown {times} times in {_policy.SeenDays} days, limit {_policy.SeenAfter}") : null;
    }

    private string? PromotesInactive(Item item, Ad ad) => ad.Promotes is not { } promoted ? null
        : _state.FindItem(promoted) is not { } content ? Why($"promotes {promoted}, which is not in the catalogue")
        : Inactive(content) is { } why ? Why($"promotes {promoted}, which {why}") : null;

    private string? OutsideFlight(Item item, Ad ad) => ad.Starts is { } starts && _request.Now < starts ? Why($"starts {starts}")
        : ad.Ends is { } ends && _request.Now >= ends ? Why($"ended {ends}") : null;

    private string? NotTargeted(Item item, Ad ad) => ad.Countries.Count == 0 || _country is not null && ad.Countries.Contains(_country, StringComparer.Ordinal)
        ? null : Why($"targeted at {ad.Countries.Count} countries, the user's is {_country ?? "not known"}");

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

    private string? BudgetSpent(Item item, Ad ad) => Remaining(item, ad) > 0 ? null : Why($"the day's budget of {ad.DailyBudgetMicros} micros is spent");

    private string? Paced(Item item, Ad ad) => PacedShare(item, ad) > 0 ? null
        : Why($"{Spent(item, ad)} micros spent, {(long)(Pacing.PlannedShare(_policy.PacingCurve, _request.Now) * ad.DailyBudgetMicros)} planned by now");

    private double PacedShare(Item item, Ad ad) => Pacing.Multiplier(_policy, ad.DailyBudgetMicros, Spent(item, ad), _request.Now);

    private long Spent(Item item, Ad ad) => _spend.Spent(item.Id, ad.Bid.Per, _request.Now.DayIndex);

    private long Remaining(Item item, Ad ad) => Math.Max(0, ad.DailyBudgetMicros - Spent(item, ad));

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
