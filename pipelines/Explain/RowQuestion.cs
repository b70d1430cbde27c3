using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Wire;

namespace Recs.Pipelines.Explain;

/// <summary>Which row is asked about.</summary>
/// <param name="User">For whom.</param>
/// <param name="Item">What is judged.</param>
/// <param name="Time">The moment of the request.</param>
/// <param name="Known">Only what was known before this moment is read.</param>
/// <param name="Surface">Where it was shown; "" where that is not known.</param>
/// <param name="Position">The place, 1 the first.</param>
/// <param name="Request">The logged request, or null.</param>
/// <param name="Followed">The actions logged in answer to it.</param>
internal sealed record RowQuestion(UserId User, ItemId Item, Timestamp Time, Timestamp Known, string Surface, int Position, RequestId? Request, IReadOnlyList<string> Followed)
{
    /// <summary>The row of an item in a logged impression; of several impressions of the request, the first that shows it.</summary>
    /// <exception cref="RefusedException">No such request, or it did not show the item.</exception>
    public static RowQuestion OfRequest(IReadOnlyList<Fact> facts, RequestId request, ItemId item)
    {
        HashSet<string> shown = new(StringComparer.Ordinal);
        foreach (var (source, known) in facts)
        {
            if (source is not Impression impression || impression.Request != request) continue;
            foreach (var place in impression.Items)
            {
                if (place.Item == item) return new(impression.User, item, impression.Time, known, impression.Surface, place.Position, request, Answers(facts, request, item));
                shown.Add(place.Item.Value);
            }
        }
        throw new RefusedException(shown.Count == 0
            ? $"no impression of request {request} is among the store's facts"
            : $"request {request} did not show item {item}; it showed {string.Join(", ", shown.Take(10))}{(shown.Count > 10 ? $" and {shown.Count - 10} more" : "")}");
    }

    private static IReadOnlyList<string> Answers(IReadOnlyList<Fact> facts, RequestId request, ItemId item) =>
        [.. facts.Select(fact => fact.Event).OfType<Interaction>().Where(answer => answer.Request == request && answer.Item == item).Select(answer => ActionNames.Of(answer.Action)).Distinct()];
}
