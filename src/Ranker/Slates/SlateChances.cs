using Recs.Domain;
using Recs.Ranker.Model;

namespace Recs.Ranker.Slates;

/// <summary>
/// With what chance a policy puts which item in which place: what off-policy evaluation asks of it. All places are certain but the one where new items are
/// tried: there each of those that may stand in has its share. Pure; one thread at a time.
/// </summary>
/// <param name="model">The heads.</param>
/// <param name="policy">The rules, valid.</param>
public sealed class SlateChances(RankerModel model, SlatePolicy policy)
{
    // The regular item stays and those that may stand in for it are found: as good as never is anything drawn.
    private readonly SlatePolicy _regular = policy.ExploreShare > 0 ? policy with { ExploreShare = double.Epsilon } : policy;

    /// <summary>The chances by place, the first at index 0; of each place they add up to 1.</summary>
    /// <param name="inputs">What was known when the decision was made; composed from once, where they are likenesses on tape.</param>
    /// <exception cref="InvalidDataException">The policy asks for likenesses that the record does not hold.</exception>
    public IReadOnlyList<IReadOnlyList<ItemChance>> Of(SlateInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var buffers = new SlateBuffers();
        var auction = new Auction(_regular);
        var scores = HeadScores.Of(inputs, model, _regular, buffers);
        auction.Order(inputs, scores, buffers.Offers, null);
        var places = new SlateSelection(inputs, _regular, auction, scores, buffers, null).Fill(inputs.Request.Count);
        var chances = new List<IReadOnlyList<ItemChance>>(places.Count);
        for (var place = 0; place < places.Count; place++)
        {
            var (regular, others) = (places[place].At, place == policy.ExplorePosition - 1 ? buffers.New : []);
            chances.Add(others.Count == 0
                ? [Chance(regular, 1)]
                : [Chance(regular, 1 - policy.ExploreShare), .. others.Select(other => Chance(other, policy.ExploreShare / others.Count))]);
        }
        return chances;

        ItemChance Chance(int at, double chance)
        {
            ref readonly var contender = ref inputs.Contenders[at];
            return new(contender.Id, chance, scores.Heads(contender.Subject));
        }
    }
}

/// <summary>An item that may stand in a place.</summary>
/// <param name="Item">Which.</param>
/// <param name="Chance">In [0, 1].</param>
/// <param name="Heads">The calibrated probability of each predicted action.</param>
public sealed record ItemChance(ItemId Item, double Chance, IReadOnlyList<HeadProbability> Heads);
