using Recs.Domain;

namespace Recs.Ranker.Slates;

/// <summary>A candidate that cannot stand in the slate, and why.</summary>
/// <param name="Item">The candidate.</param>
/// <param name="Reason">The kind of reason.</param>
/// <param name="Detail">The value and the limit, for a person.</param>
public sealed record Removal(ItemId Item, RemovalReason Reason, string Detail);

/// <summary>Why a candidate was removed. The numbers reach the disk: they never change.</summary>
public enum RemovalReason
{
    /// <summary>It was named before in the same request.</summary>
    Duplicate = 1,
    /// <summary>The catalogue does not have it.</summary>
    UnknownItem = 2,
    /// <summary>It is paused or deleted.</summary>
    NotActive = 3,
    /// <summary>The request asked for another kind.</summary>
    KindNotAsked = 4,
    /// <summary>The ad promotes an item that is not active or not known.</summary>
    PromotesInactive = 5,
    /// <summary>The user's country is not among the ad's.</summary>
    NotTargeted = 6,
    /// <summary>The ad's budget of the day is spent.</summary>
    BudgetSpent = 7,
    /// <summary>The bid pays for an action that no head of the model predicts.</summary>
    BidNotPredicted = 8,
    /// <summary>The ad is worth less than the policy's reserve.</summary>
    BelowReserve = 9,
    /// <summary>The item stands in the slate as its ad.</summary>
    ShownAsAd = 10,
    /// <summary>The ad's item stands in the slate as content.</summary>
    ShownAsContent = 11,
    /// <summary>The advertiser has as many ads in the slate as the policy lets it have.</summary>
    AdvertiserLimit = 12,
    /// <summary>The ad is not to be shown on this surface.</summary>
    SurfaceNotTargeted = 13,
    /// <summary>The user liked nothing of the ad's categories lately.</summary>
    CategoryNotTargeted = 14,
    /// <summary>The ad is not to be shown at this hour.</summary>
    HourNotTargeted = 15,
    /// <summary>The ad has not begun, or has ended.</summary>
    OutsideFlight = 16,
    /// <summary>The user was shown the ad, or its advertiser's ads, as often today as is allowed.</summary>
    FrequencyCap = 17,
    /// <summary>The ad's spend is so far ahead of its plan that it does not bid now.</summary>
    Paced = 18,
    /// <summary>The user was shown the content as often lately as the policy lets it be.</summary>
    AlreadySeen = 19,
    /// <summary>The author has as much content in the slate as the policy lets it have.</summary>
    AuthorLimit = 20,
    /// <summary>The category has as much content in the slate as the policy lets it have.</summary>
    CategoryLimit = 21,
}
