using Recs.Features.Embedding;
using Recs.Features.Items;
using Recs.Features.Requests;
using Recs.Features.Users;

namespace Recs.Features;

/// <summary>The features in their order: the one list to extend.</summary>
internal static class FeatureSet
{
    /// <summary>Fresh instances; an instance that reads belongs to one thread.</summary>
    public static Feature[] Create() =>
    [
        new ItemDemand(),
        new ItemAge(),
        new ItemPrice(),
        new UserActivity(),
        new UserItemHistory(),
        new UserTaste(),
        new PriceTaste(),
        new TimeOfRequest(),
        new Affinity.CoEngagement(),
        new InterestSimilarity(),
        new NeighbourDemand(),
    ];
}
