using System.Globalization;
using System.Text;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Items;

namespace Recs.Pipelines.Datasets.MovieLens;

/// <summary>
/// MovieLens-100k: F. M. Harper and J. A. Konstan (2015), doi 10.1145/2827872. Its licence forbids passing it on, so it is never bundled.
/// A rating is told as an impression of one film, followed half a second later by a like when it has four stars or five, else by a hide.
/// </summary>
internal sealed class MovieLens100kDataset : Dataset
{
    private static readonly string[] Genres =
    [
        "unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama", "Fantasy", "Film-Noir",
        "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western",
    ];

    public override string Name => "ml-100k";

    public override string Provenance => "ratings are real; each is told as the film shown alone, then a like when it has four stars or five, else a hide";

    public override string? BundledFolder => null;

    public override string Template => "{title} | {tags}";

    public override InteractionType Action => InteractionType.Like;

    public override string Did => "liked";

    public override IReadOnlyList<Fact> Read(string folder, int seed) => Facts(folder, Ratings(Path.Combine(folder, "u.data")));

    /// <summary>The ratings of a file in the layout of u.data, in time order; of equal times in the order of the file.</summary>
    /// <exception cref="RefusedException">The file is missing or not in that layout.</exception>
    public static IReadOnlyList<Rating> Ratings(string path) => [.. Delimited.Read(path, '\t', header: false, columns: 4, Encoding.UTF8, row => new Rating(
        $"ml-{row[0]}-{row[1]}", row[0], row[1], int.Parse(row[2], CultureInfo.InvariantCulture) >= 4, new Timestamp(long.Parse(row[3], CultureInfo.InvariantCulture) * 1_000)))
        .OrderBy(rating => rating.Time)];

    /// <summary>The films and users of a folder, with these ratings, as events in the order of the store.</summary>
    public static IReadOnlyList<Fact> Facts(string folder, IReadOnlyList<Rating> ratings) => InOrder(RatingEvents.Of(ratings,
        Delimited.Read(Path.Combine(folder, "u.item"), '|', header: false, columns: 5 + Genres.Length, Encoding.Latin1, Film),
        Delimited.Read(Path.Combine(folder, "u.user"), '|', header: false, columns: 4, Encoding.UTF8, User)));

    public override Protocol Protocol(IReadOnlyList<Timestamp> impressions) => new(
        Train: new Timestamp(0),
        Valid: impressions[(int)(impressions.Count * 0.8)],
        Test: impressions[(int)(impressions.Count * 0.9)],
        "80 / 10 / 10 by time; the state goes on being updated in time order, the model stays fixed (prequential)",
        ByUser: true);

    private static Item Film(string[] row) => new()
    {
        Id = new ItemId(row[0]),
        Title = row[1],
        Tags = [.. Genres.Where((_, i) => row[5 + i] == "1")],
        Attributes = RatingEvents.YearOf(row[1]),
    };

    private static (UserId, AttributeSet) User(string[] row) => (new UserId(row[0]), new AttributeSet(
        [KeyValuePair.Create("age", row[1]), KeyValuePair.Create("gender", row[2]), KeyValuePair.Create("occupation", row[3])]));
}
