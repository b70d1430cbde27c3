using Recs.Domain;

namespace Recs.Ranker.Slates;

/// <summary>
/// The slot for new items: with <see cref="SlatePolicy.ExploreShare"/> one of them, drawn evenly from those that may stand there, takes the place of the content at
/// <see cref="SlatePolicy.ExplorePosition"/>. Both outcomes carry their propensity, so that what is learned there can be weighted. Nothing else moves.
/// </summary>
/// <param name="inputs">The contenders.</param>
/// <param name="policy">Place and share.</param>
/// <param name="content">Says what may stand in.</param>
/// <param name="pool">Takes those that may; empty.</param>
internal sealed class Exploration(SlateInputs inputs, SlatePolicy policy, ContentOrder content, List<int> pool)
{
    /// <summary>Tries the slot; nothing happens where the place is an ad's, or no new item may stand there.</summary>
    public void Try(List<FilledPlace> places, HashSet<int> promoted)
    {
        var slot = policy.ExplorePosition - 1;
        if (slot < 0 || slot >= places.Count || policy.ExploreShare <= 0 || places[slot].Price is not null) return;
        var (regular, tolerated) = (places[slot].At, Math.Min(Tolerance(places, slot - 1), Tolerance(places, slot + 1)));
        if (inputs.Contenders[regular].IsNew) return; // it is there on its own
        for (var at = 0; at < inputs.Contenders.Length; at++)
            if (inputs.Contenders[at] is { Ad: null, IsNew: true } candidate && candidate.Risk <= tolerated && !promoted.Contains(candidate.Subject) && content.MayReplace(at, regular)) pool.Add(at);
        if (pool.Count == 0) return;
        if (SplitMix.Unit(Mixed(inputs.Request.Draw)) < policy.ExploreShare)
            places[slot] = new(pool[(int)(Mixed(inputs.Request.Draw + 1) % (ulong)pool.Count)], null, policy.ExploreShare / pool.Count);
        else places[slot] = places[slot] with { Propensity = 1 - policy.ExploreShare };
    }

    private int Tolerance(List<FilledPlace> places, int slot) => slot >= 0 && slot < places.Count && inputs.Contenders[places[slot].At] is { Ad: not null } ad ? ad.Risk : int.MaxValue;

    private static ulong Mixed(ulong value) => SplitMix.Mix(unchecked(value + SplitMix.Step));
}
