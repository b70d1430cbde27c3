using System.Globalization;
using System.Text;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Items;

namespace Recs.Pipelines.Datasets.MovieLens;

/// <summary>
/// MovieLens-100k: F. M. Harper and J. A. Konstan (2015), doi 10.1145/2827872. Its licence forbids passing it on, so it is never bundled.
/// A rating is told as an impression of one film, followed by a like half a second later when it is four stars or five.
/// </summary>
internal sealed class MovieLens100kDataset : Dataset
{
    private static readonly string[] Genres =
    [
        "unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama", "Fantasy", "Film-Noir",
        "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western",
    ];

    public override string Name => "ml-100k";

    public override string Provenance => "ratings are real; each is told as the film shown alone, and a like when it has four stars or five";

    public override string? BundledFolder => null;

    public override string Template => "{title} | {tags}";

    public override InteractionType Action => InteractionType.Like;

    public override string Did => "liked";

    public override IReadOnlyList<Fact> Read(string folder, int seed)
    {
        var ratings = Delimited.Read(Path.Combine(folder, "u.data"), '\t', header: false, columns: 4, Encoding.UTF8,
            row => (User: row[0], Film: row[1], Stars: int.Parse(row[2], CultureInfo.InvariantCulture), Time: new Timestamp(long.Parse(row[3], CultureInfo.InvariantCulture) * 1_000)));
        // All films and users are known before the first rating.
        var start = ratings.Min(rating => rating.Time).Plus(TimeSpan.FromMinutes(-1));

        List<Fact> facts = [];
        void Add(Event told) => facts.Add(new(told, told.Time));
        foreach (var film in Delimited.Read(Path.Combine(folder, "u.item"), '|', header: false, columns: 5 + Genres.Length, Encoding.Latin1, Film))
            Add(new ItemUpserted(new EventId("ml-item-" + film.Id), start, film));
        foreach (var (user, attributes) in Delimited.Read(Path.Combine(folder, "u.user"), '|', header: false, columns: 4, Encoding.UTF8, User))
            Add(new UserUpserted(new EventId("ml-user-" + user), start, user, attributes));
        foreach (var rating in ratings)
        {
            var id = $"ml-{rating.User}-{rating.Film}";
            var (request, user, film) = (new RequestId(id), new UserId(rating.User), new ItemId(rating.Film));
            Add(new Impression(new EventId(id + "-shown"), rating.Time, request, user, "ratings", [new ShownItem(film, 1, null, 0)]));
            if (rating.Stars >= 4)
                Add(new Interaction(new EventId(id), rating.Time.Plus(TimeSpan.FromMilliseconds(500)), request, user, film, InteractionType.Like, 0, 0));
        }
        return InOrder(facts);
    }

    public override Protocol Protocol(IReadOnlyList<Timestamp> impressions) => new(
        Train: new Timestamp(0),
        Valid: impressions[(int)(impressions.Count * 0.8)],
        Test: impressions[(int)(impressions.Count * 0.9)],
        "80 / 10 / 10 by time; the state goes on being updated in time order, the model stays fixed (prequential)",
        ByUser: true);

    private static Item Film(string[] row)
    {
        var title = row[1];
        var open = title.LastIndexOf('(');
        var year = open >= 0 && int.TryParse(title.AsSpan(open + 1).TrimEnd(") "), CultureInfo.InvariantCulture, out var parsed) ? parsed : (int?)null;
        return new Item
        {
            Id = new ItemId(row[0]),
            Title = title,
            Tags = [.. Genres.Where((_, i) => row[5 + i] == "1")],
            Attributes = year is null ? AttributeSet.Empty : new AttributeSet([KeyValuePair.Create("year", year.Value.ToString(CultureInfo.InvariantCulture))]),
        };
    }

    private static (UserId, AttributeSet) User(string[] row) => (new UserId(row[0]), new AttributeSet(
        [KeyValuePair.Create("age", row[1]), KeyValuePair.Create("gender", row[2]), KeyValuePair.Create("occupation", row[3])]));
}
