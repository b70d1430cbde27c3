using Recs.Domain;
using Recs.Domain.Items;

namespace Recs.Ranker.Slates;

/// <summary>
/// A candidate that passed the filters, as composing needs it and the decision ledger keeps it: nothing of it is looked up again.
/// </summary>
/// <param name="Id">The item.</param>
/// <param name="Subject">The row of features that speaks for it: an ad shares that of the item it promotes, and the two exclude each other.</param>
/// <param name="Author">Number of the author among the request's, −1 without one.</param>
/// <param name="Category">Number of the category among the request's, −1 without one.</param>
/// <param name="AgeSeconds">Seconds since the item came into being, at least 0.</param>
/// <param name="IsNew">Whether it was shown less often than the policy calls new.</param>
/// <param name="Risk">Of content: 0 safe to 3 high. Of an ad: the riskiest content it may stand next to.</param>
/// <param name="Ad">The ad's terms; null for content.</param>
public readonly record struct Contender(ItemId Id, int Subject, int Author, int Category, long AgeSeconds, bool IsNew, int Risk, AdTerms? Ad)
{
    /// <summary>Content or ad.</summary>
    public ItemKind Kind => Ad is null ? ItemKind.Content : ItemKind.Ad;
}

/// <summary>What an ad brings into the auction of one request.</summary>
/// <param name="Advertiser">Who pays.</param>
/// <param name="Promotes">The item it advertises, or null.</param>
/// <param name="Per">What is paid for.</param>
/// <param name="MostMicros">The most it can pay for one event: the paced bid, or what is left of the day's budget where that is less.</param>
public sealed record AdTerms(AdvertiserId Advertiser, ItemId? Promotes, BidUnit Per, long MostMicros);
