using Recs.Domain;
using Recs.Domain.Items;
using Recs.Features.Affinity;
using Recs.Features.Embedding;
using Recs.Features.State;

namespace Recs.Api.Live;

/// <summary>Items like another one, and by which measure.</summary>
/// <param name="ByText">True: strength is the cosine of the texts' vectors; false: how often the two were engaged with together.</param>
/// <param name="Items">Active content, most alike first.</param>
public sealed record SimilarItems(bool ByText, IReadOnlyList<(Item Item, float Strength)> Items)
{
    /// <summary>More than asked for is looked at, since items that are not active drop out.</summary>
    private const int Spare = 50;

    internal static SimilarItems Find(RankingState state, ItemVectors? vectors, AffinityTable? affinity, ItemId item, int count) =>
        vectors?.Similar(item.Value, count + Spare) is { } near
            ? new(true, Active(state, near, count))
            : new(false, Active(state, affinity?.Similar(item.Value, count + Spare) ?? [], count));

    private static List<(Item, float)> Active(RankingState state, IEnumerable<(string Item, float Strength)> similar, int count) =>
        [.. similar.Select(pair => (Item: state.FindItem(new(pair.Item)), pair.Strength))
            .Where(pair => pair.Item is { Status: ItemStatus.Active, Ad: null }).Take(count).Select(pair => (pair.Item!, pair.Strength))];
}
