using System.Globalization;
using Recs.Domain;
using Recs.Pipelines.Datasets;

namespace Recs.Pipelines.Quality.Frappe;

/// <summary>The files of the data set: the log's parts, and what the store pages say.</summary>
internal static class FrappeFiles
{
    /// <summary>The fields of a context, in the order of <see cref="FrappeRow.Context"/>.</summary>
    public static readonly IReadOnlyList<string> ContextFields = ["daytime", "weekday", "isweekend", "homework", "cost", "weather", "country", "city"];

    /// <summary>Ids are below this: keys of counters are packed from them.</summary>
    public const int Ids = 1 << 14;

    /// <summary>A part of the log: label, user, item and the context.</summary>
    public static IReadOnlyList<FrappeRow> Rows(string path) => NamedRows.Read(path, ',', ["label", "user", "item", .. ContextFields], row => new FrappeRow(
        row.Whole("label", 0, 1) == 1, row.Whole("user", 0, Ids - 1), row.Whole("item", 0, Ids - 1),
        [.. ContextFields.Select(field => row.Whole(field, 0, Ids - 1))]));

    /// <summary>Apps by their id in the log; an app without a page is not among them.</summary>
    public static IReadOnlyDictionary<int, FrappeApp> Apps(string folder)
    {
        var places = NamedRows.Read(Path.Combine(folder, "feature_map.tsv"), '\t', ["id", "field", "value"],
            row => (Id: row.Whole("id", 0, Ids - 1), Field: row.Text("field"), Value: row.Text("value")))
            .Where(entry => entry.Field == "item").ToDictionary(entry => entry.Value, entry => entry.Id, StringComparer.Ordinal);
        Dictionary<string, int> categories = new(StringComparer.Ordinal), developers = new(StringComparer.Ordinal);
        static int Number(Dictionary<string, int> names, string name)
        {
            if (!names.TryGetValue(name, out var number)) names.Add(name, number = names.Count);
            return number;
        }
        Dictionary<int, FrappeApp> apps = [];
        foreach (var (item, app) in NamedRows.Read(Path.Combine(folder, "meta.csv"), '\t', ["item", "category", "downloads", "developer", "name", "price", "rating", "short desc"], row =>
            (row.Text("item"), new FrappeApp(Number(categories, row.Text("category")), Number(developers, row.Text("developer")), Downloads(row.Text("downloads")),
                double.TryParse(row.Text("rating"), CultureInfo.InvariantCulture, out var stars) ? stars : -1, row.Text("price") switch { "Free" => 0, "unknown" => -1, _ => 1 },
                string.Join(". ", new[] { row.Text("name"), row.Text("category"), row.Text("short desc") }.Where(text => text is not ("" or "unknown")))))))
            if (places.TryGetValue(item, out var id)) apps[id] = app;
        return categories.Count + 1 < Ids && developers.Count + 1 < Ids ? apps : throw new RefusedException($"{folder}: meta.csv names more than {Ids} categories or developers");
    }

    /// <summary>"1,000,000 - 5,000,000" is 1,000,000.</summary>
    private static double Downloads(string range) =>
        double.TryParse(range.Split('-')[0].Trim(), NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var least) ? least : -1;
}
