using System.Globalization;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Items;

namespace Recs.Pipelines.Datasets.MovieLens;

/// <summary>
/// Ratings told as events: the film shown alone, and half a second later a like, or a hide where it was not liked. So the rows of one second do not see each other's answers,
/// nor their own.
/// </summary>
internal static class RatingEvents
{
    /// <summary>Films and users are all known a minute before the first rating.</summary>
    /// <param name="ratings">In any order.</param>
    /// <param name="films">The catalogue.</param>
    /// <param name="users">Users with their attributes; may be empty.</param>
    public static List<Fact> Of(IReadOnlyList<Rating> ratings, IEnumerable<Item> films, IEnumerable<(UserId Id, AttributeSet Attributes)> users)
    {
        var start = ratings.Min(rating => rating.Time).Plus(TimeSpan.FromMinutes(-1));
        List<Fact> facts = [];
        void Add(Event told) => facts.Add(new(told, told.Time));
        foreach (var film in films) Add(new ItemUpserted(new EventId("ml-item-" + film.Id), start, film));
        foreach (var (user, attributes) in users) Add(new UserUpserted(new EventId("ml-user-" + user), start, user, attributes));
        foreach (var rating in ratings)
        {
            var (request, user, film) = (new RequestId(rating.Id), new UserId(rating.User), new ItemId(rating.Film));
            Add(new Impression(new EventId(rating.Id + "-shown"), rating.Time, request, user, "ratings", [new ShownItem(film, 1, null, 0)]));
            Add(new Interaction(new EventId(rating.Id), rating.Time.Plus(TimeSpan.FromMilliseconds(500)), request, user, film, rating.Liked ? InteractionType.Like : InteractionType.Hide, 0, 0));
        }
        return facts;
    }

    /// <summary>The year at the end of a film's title, as the attribute <c>year</c>; nothing where there is none.</summary>
    public static AttributeSet YearOf(string title)
    {
        var open = title.LastIndexOf('(');
        return open >= 0 && int.TryParse(title.AsSpan(open + 1).TrimEnd(") "), CultureInfo.InvariantCulture, out var year)
            ? new AttributeSet([KeyValuePair.Create("year", year.ToString(CultureInfo.InvariantCulture))])
            : AttributeSet.Empty;
    }
}
