using Recs.Domain;
using Recs.Domain.Events;

namespace Recs.Ranker.Training;

/// <summary>Which impressions make which rows, and with which labels: everything about a replay but the features.</summary>
internal sealed class ReplayPlan
{
    private ReplayPlan(IReadOnlyList<Entry> entries) => Entries = entries;

    /// <summary>In order of known time.</summary>
    public IReadOnlyList<Entry> Entries { get; }

    public int Rows => Entries.Count == 0 ? 0 : Entries[^1].Group.First + Entries[^1].Group.Count;

    /// <param name="facts">In order of known time.</param>
    /// <param name="action">The action that makes a row positive.</param>
    /// <param name="from">Impressions before it make no rows.</param>
    public static ReplayPlan Make(IReadOnlyList<Fact> facts, InteractionType action, Timestamp from)
    {
        HashSet<ItemId> ads = [];
        Dictionary<RequestId, HashSet<ItemId>> acted = [];
        foreach (var (source, _) in facts)
        {
            if (source is ItemUpserted { Item.Ad: not null } ad) ads.Add(ad.Item.Id);
            if (source is not Interaction { Request: { } request } interaction || interaction.Action != action) continue;
            if (!acted.TryGetValue(request, out var items)) acted.Add(request, items = []);
            items.Add(interaction.Item);
        }

        List<Entry> entries = [];
        var row = 0;
        foreach (var fact in facts)
        {
            if (fact.Event is not Impression impression || impression.Time < from) continue;
            // Ads are left out: what they were shown for is money, not only the user's interest.
            var content = impression.Items.Where(shown => !ads.Contains(shown.Item)).ToArray();
            ItemId[] items = [.. content.Select(shown => shown.Item)];
            if (items.Length == 0) continue;
            var positives = acted.GetValueOrDefault(impression.Request);
            entries.Add(new(fact.Known, items, [.. items.Select(item => positives?.Contains(item) ?? false)],
                new(impression.Request, impression.User, impression.Time, row, items.Length), impression.Surface, [.. content.Select(shown => shown.Position)]));
            row += items.Length;
        }
        return new(entries);
    }

    /// <summary>One impression.</summary>
    /// <param name="Known">Rows see what was known before this moment.</param>
    /// <param name="Items">The content items shown.</param>
    /// <param name="Labels">Which of them the action followed on.</param>
    /// <param name="Group">Its rows.</param>
    /// <param name="Surface">Where it was shown.</param>
    /// <param name="Positions">The places of the items, 1 the first; ads count as places too.</param>
    public sealed record Entry(Timestamp Known, ItemId[] Items, bool[] Labels, TrainingGroup Group, string Surface, int[] Positions);
}
