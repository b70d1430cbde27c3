namespace Recs.Domain.Items;

/// <summary>What makes an item an ad.</summary>
/// <param name="Advertiser">Who pays.</param>
/// <param name="Promotes">The content item it advertises, when there is one: its history then speaks for the ad too.</param>
/// <param name="Bid">The most the advertiser pays, and for what.</param>
/// <param name="DailyBudgetMicros">The most the advertiser pays for this ad in a UTC day, in millionths of the currency.</param>
/// <param name="Countries">Users' countries it may be shown in; empty means all.</param>
public sealed record Ad(AdvertiserId Advertiser, ItemId? Promotes, Bid Bid, long DailyBudgetMicros, IReadOnlyList<string> Countries);

/// <summary>The most an advertiser pays each time something happens.</summary>
/// <param name="Per">What is paid for.</param>
/// <param name="Micros">Millionths of the currency, at least 0.</param>
public readonly record struct Bid(BidUnit Per, long Micros);

/// <summary>What an advertiser pays for. The numbers reach the disk: they never change.</summary>
public enum BidUnit
{
    /// <summary>A thousand impressions.</summary>
    Thousand = 1,
    /// <summary>A click.</summary>
    Click = 2,
    /// <summary>A conversion.</summary>
    Conversion = 3,
}
