using Recs.Domain;
using Recs.Domain.Items;

namespace Recs.Features.State;

/// <summary>The active items in the orders in which candidates are looked for. Immutable; safe from any thread.</summary>
public sealed class CatalogueLists
{
    private CatalogueLists((int, int, long) key, IReadOnlyList<ItemId> mostWanted, IReadOnlyList<ItemId> newest, IReadOnlyList<ItemId> ads)
    {
        Key = key;
        MostWanted = mostWanted;
        Newest = newest;
        Ads = ads;
    }

    /// <summary>Active content by positive interactions on the days before today, decayed with a half-life of 30 d; only what was wanted at all. Ties by id.</summary>
    public IReadOnlyList<ItemId> MostWanted { get; }

    /// <summary>Active content by the moment it came into being, newest first. Ties by id.</summary>
    public IReadOnlyList<ItemId> Newest { get; }

    /// <summary>Active ads by bid, highest first, whatever it is paid for: a raised bid moves an ad forward only. Ties by id.</summary>
    public IReadOnlyList<ItemId> Ads { get; }

    /// <summary>What the lists depend on: catalogue version, day, version of the past days.</summary>
    internal (int Catalogue, int Day, long Past) Key { get; }

    internal static CatalogueLists Make(RankingState state, (int Catalogue, int Day, long Past) key)
    {
        List<(ItemId Id, double Demand, Timestamp Created)> content = [];
        List<Item> ads = [];
        for (var index = 0; index < state.Items.Count; index++)
        {
            if (state.Catalogue.Find(index) is not { Item.Status: ItemStatus.Active } entry) continue;
            if (entry.Item.Ad is not null) ads.Add(entry.Item);
            else content.Add((entry.Item.Id, state.ByItem.Of(index).DemandBefore(key.Day, state.Newest), entry.Created));
        }
        content.Sort((a, b) => string.CompareOrdinal(a.Id.Value, b.Id.Value));
        return new(key,
            [.. content.Where(item => item.Demand > 0).OrderByDescending(item => item.Demand).Select(item => item.Id)],
            [.. content.OrderByDescending(item => item.Created).Select(item => item.Id)],
            [.. ads.OrderByDescending(ad => ad.Ad!.Bid.Micros).ThenBy(ad => ad.Id.Value, StringComparer.Ordinal).Select(ad => ad.Id)]);
    }
}
