using System.Globalization;
using System.Text;
using Recs.Domain;
using Recs.Domain.Items;

namespace Recs.Pipelines.Datasets.MovieLens;

/// <summary>
/// MovieLens-1M in the fixed split by time of CoLLM (Zhang et al. 2023, arXiv 2310.19488): the ratings of 20 months, more than three stars being a like. Its licence forbids
/// passing it on.
/// </summary>
internal static class CollmFiles
{
    /// <summary>The rows of a file with the columns <c>uid iid label timestamp …</c>; ids are told apart by <paramref name="part"/>.</summary>
    /// <param name="path">train.tsv, valid.tsv, or a test file in their layout.</param>
    /// <param name="part">A word for the ids.</param>
    /// <exception cref="RefusedException">The file is missing or not in that layout.</exception>
    public static IReadOnlyList<Rating> Ratings(string path, string part)
    {
        var number = 0;
        return Delimited.Read(path, '\t', header: true, columns: 4, Encoding.UTF8, row => new Rating(
            string.Create(CultureInfo.InvariantCulture, $"collm-{part}-{number++}"), row[0], row[1],
            row[2] switch { "0" => false, "1" => true, var other => throw new FormatException($"label is '{other}', expected 0 or 1") },
            new Timestamp(long.Parse(row[3], CultureInfo.InvariantCulture) * 1_000)));
    }

    /// <summary>The films of items.tsv; their genres, told by movies.dat under the same title, are tags.</summary>
    /// <param name="folder">Where both lie.</param>
    public static IReadOnlyList<Item> Films(string folder)
    {
        var path = Path.Combine(folder, "movies.dat");
        if (!File.Exists(path)) throw new RefusedException($"{path} is not there; the data folder must hold movies.dat");
        Dictionary<string, string[]> genres = new(StringComparer.Ordinal);
        foreach (var (line, at) in File.ReadLines(path, Encoding.Latin1).Select((line, at) => (line.Split("::"), at)))
            genres[line.Length == 3 ? line[1] : throw new RefusedException($"{path}, line {at + 1}: {line.Length} columns, expected 3 between '::'")] = line[2].Split('|');
        return Delimited.Read(Path.Combine(folder, "items.tsv"), '\t', header: true, columns: 2, Encoding.UTF8, row => new Item
        {
            Id = new ItemId(row[0]),
            Title = row[1],
            Tags = genres.GetValueOrDefault(row[1]) ?? [],
            Attributes = RatingEvents.YearOf(row[1]),
        });
    }
}
