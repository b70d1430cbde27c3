using System.Globalization;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Items;
using Recs.Ranker.Slates;

namespace Recs.Pipelines.Simulate;

/// <summary>
/// The advertisers of the world: they set out their budgets at the beginning of the day and change their bids by the hour, by what they were told they spent.
/// Three in four campaigns have a budget that the day's traffic can spend (<see cref="Campaign.IsLimited"/>); the others have more than there is to buy, bid less, never change their bid, and take what is left.
/// </summary>
internal sealed class Advertisers(World world, Visitors visitors, double impressionsEach, SlatePolicy policy)
{
    private readonly Item[] _now = [.. world.Campaigns.Select(campaign => campaign.Item with
    {
        Ad = campaign.Item.Ad! with { DailyBudgetMicros = Budget(campaign, impressionsEach) },
    })];

    private int _versions;

    /// <summary>The budget of the day, in millionths: at its first bid it buys half of its share of the day's places, or more than all of them.</summary>
    /// <param name="campaign">Whose.</param>
    /// <param name="impressionsEach">Places for ads in the day, by campaign.</param>
    public static long Budget(Campaign campaign, double impressionsEach) => (long)(impressionsEach * campaign.Item.Ad!.Bid.Micros / 1_000 * (campaign.IsLimited ? 0.5 : 20));

    /// <summary>Publishes all campaigns.</summary>
    public Task Begin(Timestamp now, CancellationToken cancel) => visitors.Post([.. _now.Select(item => Version(item, now))], cancel);

    /// <summary>What they do when an hour begins.</summary>
    /// <param name="hour">1 to 23.</param>
    /// <param name="visits">The day's visits so far; those not done are null.</param>
    /// <param name="now">The world's time.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task Hour(int hour, IReadOnlyList<Visit?> visits, Timestamp now, CancellationToken cancel)
    {
        var spent = new Dictionary<ItemId, double>();
        foreach (var visit in visits)
            foreach (var place in visit?.Places ?? [])
                if (place.PriceMicros > 0) spent[place.Item] = spent.GetValueOrDefault(place.Item) + place.PriceMicros / 1_000.0;
        List<Event> changes = [];
        for (var at = 0; at < _now.Length; at++)
        {
            var (first, ad) = (world.Campaigns[at].Item.Ad!.Bid.Micros, _now[at].Ad!);
            var planned = ad.DailyBudgetMicros * policy.PacingCurve.Take(hour).Sum() / policy.PacingCurve.Sum();
            var bid = world.Campaigns[at].Strategy switch
            {
                Strategy.Chasing => Math.Clamp((long)(ad.Bid.Micros * (spent.GetValueOrDefault(_now[at].Id) < planned ? 1.1 : 0.9)), first / 2, first * 3),
                Strategy.Evening => hour >= 18 ? first * 2 : first,
                _ => first,
            };
            if (bid == ad.Bid.Micros) continue;
            _now[at] = _now[at] with { Ad = ad with { Bid = ad.Bid with { Micros = bid } } };
            changes.Add(Version(_now[at], now));
        }
        if (changes.Count > 0) await visitors.Post(changes, cancel);
    }

    private ItemUpserted Version(Item item, Timestamp now) => new(new(string.Create(CultureInfo.InvariantCulture, $"{item.Id}-{_versions++}")), now, item);
}
