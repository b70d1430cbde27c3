namespace Recs.Domain.Items;

/// <summary>What makes an item an ad.</summary>
/// <param name="Advertiser">Who pays.</param>
/// <param name="Promotes">The content item it advertises, when there is one: its history then speaks for the ad too.</param>
/// <param name="Bid">The most the advertiser pays, and for what.</param>
/// <param name="DailyBudgetMicros">The most the advertiser pays for this ad in a UTC day, in millionths of the currency.</param>
/// <param name="Countries">Users' countries it may be shown in; empty means all.</param>
public sealed record Ad(AdvertiserId Advertiser, ItemId? Promotes, Bid Bid, long DailyBudgetMicros, IReadOnlyList<string> Countries)
{
    /// <summary>Surfaces it may be shown on; empty means all.</summary>
    public IReadOnlyList<string> Surfaces { get; init; } = [];

    /// <summary>Categories of which the user must have liked something lately; empty means all users.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>Hours of the UTC day, 0 to 23, in which it may be shown; empty means all.</summary>
    public IReadOnlyList<int> Hours { get; init; } = [];

    /// <summary>The moment from which it may be shown, or null.</summary>
    public Timestamp? Starts { get; init; }

    /// <summary>The moment from which it may no longer be shown, or null.</summary>
    public Timestamp? Ends { get; init; }

    /// <summary>How often it may be shown to one user in a UTC day, at least 1; null leaves it to the policy.</summary>
    public int? UserDailyCap { get; init; }
}

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
