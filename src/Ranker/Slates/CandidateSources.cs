using Recs.Domain;
using Recs.Domain.Items;
using Recs.Features.Affinity;
using Recs.Features.Embedding;
using Recs.Features.State;

namespace Recs.Ranker.Slates;

/// <summary>What the sources found, each item once.</summary>
/// <param name="Items">In the order in which they were found; valid until the request's lists are disposed of.</param>
/// <param name="Skipped">Sources that failed or were late, with the reason.</param>
/// <param name="Counts">What each source brought that no earlier one had.</param>
internal sealed record FoundCandidates(IReadOnlyList<ItemId> Items, IReadOnlyList<string> Skipped, IReadOnlyList<SourceCount> Counts);

/// <summary>How many candidates a source brought.</summary>
/// <param name="Source">Its name.</param>
/// <param name="Items">Items that no earlier source had found.</param>
public readonly record struct SourceCount(string Source, int Items);

/// <summary>One place where candidates come from.</summary>
/// <param name="Name">For the answer and the metrics.</param>
/// <param name="Quota">Items taken at most that no earlier source found, or <see cref="Rest"/>.</param>
/// <param name="Find">The items, best first. Must look at the token now and then: a source that is late is given up, but always waited for, since it reads the state.</param>
/// <param name="IsSlow">Whether it is started beside the others, before them.</param>
/// <param name="OnlyBelow">Asked only while fewer items were found.</param>
internal sealed record CandidateSource(string Name, int Quota, Func<CancellationToken, IEnumerable<ItemId>> Find, bool IsSlow = false, int OnlyBelow = int.MaxValue)
{
    /// <summary>A quota of what is left of the limit.</summary>
    public const int Rest = -1;
}

/// <summary>
/// Where candidates come from when the request names none: the list of sources in their order, each with a share of the policy's limit that it cannot
/// exceed. What needs a pass over all vectors runs beside the rest; the order in which items are taken does not depend on who is done first.
/// </summary>
internal static class CandidateSources
{
    /// <summary>Newest distinct items of the user whose neighbours are looked at.</summary>
    private const int Recent = 20;

    /// <summary>Co-engaged neighbours taken of each.</summary>
    private const int NeighboursOfEach = 32;

    public static FoundCandidates Find(RankRequest request, RankingState state, AffinityTable? affinity, ItemVectors? vectors, SlatePolicy policy, GatheringLists lists, int threads = 1, TimeProvider? clock = null) =>
        Run(All(request, state, affinity, vectors, policy, threads), request.Kinds.Contains(ItemKind.Content) ? policy.ContentCandidates : 0, TimeSpan.FromMilliseconds(policy.SourceMilliseconds), lists, clock ?? TimeProvider.System);

    /// <summary>Runs sources and merges what they find.</summary>
    /// <param name="sources">In the order in which their items are taken.</param>
    /// <param name="limit">Items of all sources but ads, at most.</param>
    /// <param name="deadline">For each source, from when it begins, after which it is given up: one that is late does not take the others with it.</param>
    /// <param name="lists">Take what is found; empty.</param>
    /// <param name="clock">Tells when that is.</param>
    internal static FoundCandidates Run(IReadOnlyList<CandidateSource> sources, int limit, TimeSpan deadline, GatheringLists lists, TimeProvider clock)
    {
        using var late = new CancellationTokenSource(deadline, clock);
        var token = late.Token;
        var beside = sources.Select(source => source.IsSlow ? Task.Run(() => source.Find(token).Take(source.Quota * 2).ToList(), CancellationToken.None) : null).ToArray();
        var (seen, items, skipped, counts) = (lists.Seen, lists.Found, new List<string>(), new List<SourceCount>(sources.Count));
        for (var at = 0; at < sources.Count; at++)
        {
            var source = sources[at];
            var (before, begun) = (items.Count, clock.GetTimestamp());
            if (before >= source.OnlyBelow) continue;
            try
            {
                Take(begun, beside[at] is { } task ? task.GetAwaiter().GetResult() : source.Find(token), source.Quota == CandidateSource.Rest ? limit - items.Count : source.Quota);
                counts.Add(new(source.Name, items.Count - before));
            }
            catch (Exception failed) when (failed is not OutOfMemoryException)
            {
                // What it found until then goes too: half a source is no source, and an answer must not depend on where it stopped.
                foreach (var item in items[before..]) seen.Remove(item);
                items.RemoveRange(before, items.Count - before);
                skipped.Add(failed is OperationCanceledException ? $"{source.Name}: not done within {deadline.TotalMilliseconds:0} ms" : $"{source.Name}: {failed.Message}");
            }
        }
        return new(items, skipped, counts);

        void Take(long begun, IEnumerable<ItemId> found, int quota)
        {
            var looked = 0;
            foreach (var item in found)
            {
                if ((++looked & 63) == 0 && clock.GetElapsedTime(begun) > deadline) throw new OperationCanceledException();
                if (quota <= 0) return;
                if (!seen.Add(item)) continue;
                items.Add(item);
                quota--;
            }
        }
    }

    private static List<CandidateSource> All(RankRequest request, RankingState state, AffinityTable? affinity, ItemVectors? vectors, SlatePolicy policy, int threads)
    {
        bool IsCurrent(ItemId item) => state.IsCurrent(item, request.Now, policy.StaleDays);
        var (limit, lists) = (policy.ContentCandidates, state.Lists(request.Now));
        List<CandidateSource> sources = [];
        if (request.Kinds.Contains(ItemKind.Content))
        {
            if (request.Degradation != Degradation.Popularity)
            {
                var recent = state.RecentItems(request.User, Recent);
                sources.Add(new("co_engaged", limit * 30 / 100, _ => CoEngaged(recent, affinity).Where(IsCurrent)));
                if (vectors is not null && recent.Count > 0)
                    sources.Add(new("similar_text", limit * 20 / 100, late => vectors.NearestTo(recent.Select(item => item.Value), limit * 20 / 100, threads, late).Select(near => new ItemId(near.Item)).Where(IsCurrent), IsSlow: true));
                sources.Add(new("own_history", limit * 20 / 100, _ => state.PastItems(request.User, limit * 20 / 100).Where(IsCurrent)));
                sources.Add(new("newest", limit * 5 / 100, _ => lists.Newest.Where(IsCurrent)));
            }
            sources.Add(new("most_wanted", CandidateSource.Rest, _ => lists.MostWanted.Where(IsCurrent)));
            // A young or sleeping catalogue: rather something stale than an empty place.
            sources.Add(new("stale", CandidateSource.Rest, _ => lists.MostWanted.Concat(lists.Newest), OnlyBelow: request.Count));
        }
        if (request.Kinds.Contains(ItemKind.Ad) && request.Degradation != Degradation.Popularity)
            sources.Add(new("ads", policy.AdCandidates, _ => lists.Ads.Where(ad => state.FindItem(ad)?.Ad?.Promotes is not { } promoted || state.FindItem(promoted) is null || IsCurrent(promoted))));
        return sources;
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
}
