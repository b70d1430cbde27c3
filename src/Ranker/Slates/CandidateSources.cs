using Recs.Domain;
using Recs.Domain.Items;
using Recs.Features.Affinity;
using Recs.Features.Embedding;
using Recs.Features.State;

namespace Recs.Ranker.Slates;

/// <summary>
/// Where candidates come from when the request names none: five sources of content, each with a share of the policy's limit that it
/// cannot exceed, then the most wanted once more until the limit is reached; and the ads, highest bids first.
/// </summary>
internal static class CandidateSources
{
    /// <summary>Newest distinct items of the user whose neighbours are looked at.</summary>
    private const int Recent = 20;

    /// <summary>Co-engaged neighbours taken of each.</summary>
    private const int NeighboursOfEach = 32;

    public static List<ItemId> Find(RankRequest request, RankingState state, AffinityTable? affinity, ItemVectors? vectors, SlatePolicy policy)
    {
        bool IsCurrent(ItemId item) => state.IsCurrent(item, request.Now, policy.StaleDays);
        var (limit, lists, found) = (policy.ContentCandidates, state.Lists(request.Now), new OrderedSet());
        if (request.Kinds.Contains(ItemKind.Content))
        {
            var recent = state.RecentItems(request.User, Recent);
            found.Add(CoEngaged(recent, affinity).Where(IsCurrent), limit * 30 / 100);
            found.Add((vectors?.NearestTo(recent.Select(item => item.Value), limit * 20 / 100).Select(near => new ItemId(near.Item)) ?? []).Where(IsCurrent), limit * 20 / 100);
            found.Add(state.PastItems(request.User, limit * 20 / 100).Where(IsCurrent), limit * 20 / 100);
            found.Add(lists.Newest.Where(IsCurrent), limit * 5 / 100);
            found.Add(lists.MostWanted.Where(IsCurrent), limit - found.Items.Count);
            // A young or sleeping catalogue: rather something stale than an empty place.
            if (found.Items.Count < request.Count) found.Add(lists.MostWanted.Concat(lists.Newest), limit - found.Items.Count);
        }
        if (request.Kinds.Contains(ItemKind.Ad))
            found.Add(lists.Ads.Where(ad => state.FindItem(ad)?.Ad?.Promotes is not { } promoted || state.FindItem(promoted) is null || IsCurrent(promoted)), policy.AdCandidates);
        return found.Items;
    }

    // Round by round over the user's items, so that the newest does not crowd out the others.
    private static IEnumerable<ItemId> CoEngaged(IReadOnlyList<ItemId> recent, AffinityTable? affinity)
    {
        if (affinity is null) yield break;
        var neighbours = recent.Select(item => affinity.Similar(item.Value, NeighboursOfEach)).ToList();
        for (var round = 0; round < NeighboursOfEach; round++)
            foreach (var list in neighbours)
                if (round < list.Count) yield return new ItemId(list[round].Item);
    }

    /// <summary>Each item once, in the order in which it was first found.</summary>
    private sealed class OrderedSet
    {
        private readonly HashSet<ItemId> _seen = [];

        public List<ItemId> Items { get; } = [];

        /// <summary>Adds up to <paramref name="quota"/> items not found before.</summary>
        public void Add(IEnumerable<ItemId> source, int quota)
        {
            foreach (var item in source)
            {
                if (quota <= 0) return;
                if (!_seen.Add(item)) continue;
                Items.Add(item);
                quota--;
            }
        }
    }
}
