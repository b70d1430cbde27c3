using Recs.Domain;
using Recs.Domain.Events;
using Recs.Features.Counting;
using Recs.Features.State;

namespace Recs.Features.Rates;

/// <summary>What the counters alone say of an item, without features or a model. Pure reads; safe while the state stands still.</summary>
public static class ItemRates
{
    /// <summary>How many impressions the rate over all items weighs.</summary>
    private const double Prior = 20;

    /// <summary>Times the item was shown, ever; 0 for one never seen.</summary>
    public static long Impressions(RankingState state, ItemId item)
    {
        ArgumentNullException.ThrowIfNull(state);
        return state.Items.Find(item.Value) is { } index ? state.ByItem.Impressions(index) : 0;
    }

    /// <summary>P(<paramref name="action"/> | shown) by counting: (times + 20 × rate over all) / (impressions + 20), in [0, 1]. Trials are at least the times.</summary>
    public static double Of(RankingState state, ItemId item, InteractionType action)
    {
        ArgumentNullException.ThrowIfNull(state);
        var all = Rate(state.Overall, 0, action, 0.5);
        return state.Items.Find(item.Value) is { } index ? Rate(state.ByItem, index, action, all) : all;
    }

    private static double Rate(CounterScope scope, int key, InteractionType action, double prior)
    {
        double times = scope.Find(key, (int)action)?.Count ?? 0, trials = Math.Max(times, scope.Impressions(key));
        return (times + Prior * prior) / (trials + Prior);
    }
}
