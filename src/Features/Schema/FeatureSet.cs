using Recs.Features.Affinity;
using Recs.Features.Embedding;
using Recs.Features.Items;
using Recs.Features.Rates;
using Recs.Features.Requests;
using Recs.Features.Users;

namespace Recs.Features;

/// <summary>The features of this build: the one list to extend.</summary>
internal static class FeatureSet
{
    /// <summary>All that a model may read.</summary>
    public static IReadOnlyList<FeatureDefinition> Known { get; } =
    [
        ItemDemand.Definition, ItemAge.Definition, ItemPrice.Definition,
        UserActivity.Definition, UserItemHistory.Definition, UserTaste.Definition, PriceTaste.Definition,
        TimeOfRequest.Definition,
        CoEngagement.Definition,
        InterestSimilarity.Definition, NeighbourDemand.Definition,
        LearnedRates.Definition, ItemTempo.Definition, UserTempo.Definition, TasteRates.Definition,
        RatingAffinity.Definition, NeighbourRate.Definition, DislikeSimilarity.Definition,
        UserRhythm.Definition, LikingStreak.Definition, NumberTaste.Definition,
        Position.Definition, Surface.Definition, UserNumber.Definition, UserGroup.Definition, SignatureMatch.Definition, PositiveHistory.Definition, VectorSlice.Definition,
    ];

    /// <summary>What a model reads where nothing else is said, in row order.</summary>
    public static IReadOnlyList<string> Standard { get; } =
    [
        "item_demand", "item_age", "item_price", "user_activity", "user_item_history", "user_taste", "price_taste", "time_of_request",
        "co_engagement", "interest_similarity", "neighbour_demand",
    ];

    /// <summary>The features that own a part of the state. All of them fold every event, whatever a model reads: the state does not depend on models.</summary>
    public static Feature[] Owners() => [.. new[] { ItemDemand.Definition, UserActivity.Definition, UserItemHistory.Definition, UserTaste.Definition }.Select(owner => owner.Create(new(owner.Name)))];
}
