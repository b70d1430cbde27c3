namespace Recs.Pipelines.Quality.Frappe;

/// <summary>
/// The columns of a row, read from the counts: of the app (with context and country), of the user, of the pair, and of the texts.
/// Shares are smoothed: (count + 5 · share in the parent) / (count of the parent's + 5). One reader may serve many threads while the counts stand still.
/// </summary>
internal sealed class FrappeColumns
{
    private const double Smoothing = 5;

    private readonly FrappeCounts _counts;
    private readonly IReadOnlyDictionary<int, FrappeApp> _apps;
    private readonly FrappeTexts _texts;

    public FrappeColumns(FrappeCounts counts, IReadOnlyDictionary<int, FrappeApp> apps, FrappeTexts texts) => (_counts, _apps, _texts) = (counts, apps, texts);

    /// <summary>Column names in order.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "item_positives", "item_users", "category_positives", "developer_positives", "downloads", "rating", "price",
        .. FrappeFiles.ContextFields.Select(field => $"item_{field}"), .. FrappeFiles.ContextFields.Select(field => $"item_{field}_lift"),
        .. FrappeFiles.ContextFields.Select(field => $"category_{field}_lift"),
        "user_positives", "user_items", "user_category", "user_category_share", "user_developer",
        "user_item", "user_item_share", .. FrappeFiles.ContextFields.Select(field => $"user_item_{field}"),
        "text_prior", "text_user_max", "text_user_top3",
    ];

    /// <summary>The columns that know neither user nor pair nor text.</summary>
    public static int[] OfItem { get; } = [.. Names.Select((name, at) => (name, at)).Where(column => !column.name.StartsWith("user", StringComparison.Ordinal) && !column.name.StartsWith("text", StringComparison.Ordinal)).Select(column => column.at)];

    /// <summary>All but the texts'.</summary>
    public static int[] WithoutText { get; } = [.. Names.Select((name, at) => (name, at)).Where(column => !column.name.StartsWith("text", StringComparison.Ordinal)).Select(column => column.at)];

    /// <summary>Two counters: the app's positives and the pair's.</summary>
    public static int[] TwoCounters { get; } = [.. new[] { "item_positives", "user_item" }.Select(name => Names.ToList().IndexOf(name))];

    /// <summary>Writes one row. [<see cref="Names"/>]</summary>
    public void Read(FrappeRow row, Span<float> values)
    {
        var page = _apps.GetValueOrDefault(row.Item);
        var (category, developer) = (page?.Category ?? -1, page?.Developer ?? -1);
        var at = 0;
        var item = _counts[Counter.Item, row.Item];
        values[at++] = Log(item);
        values[at++] = Log(_counts[Counter.ItemUsers, row.Item]);
        values[at++] = page is null ? -1 : Log(_counts[Counter.Category, category]);
        values[at++] = page is null ? -1 : Log(_counts[Counter.Developer, developer]);
        values[at++] = page is null or { Downloads: < 0 } ? -1 : Log(page.Downloads);
        values[at++] = (float)(page?.Rating ?? -1);
        values[at++] = page?.Price ?? -1;
        foreach (var value in row.Context) values[at++] = Log(_counts[Counter.ItemValue, row.Item, value]);
        foreach (var value in row.Context) values[at++] = Lift(_counts[Counter.ItemValue, row.Item, value], item, value);
        var ofCategory = page is null ? 0 : _counts[Counter.Category, category];
        foreach (var value in row.Context) values[at++] = page is null ? 0 : Lift(_counts[Counter.CategoryValue, category, value], ofCategory, value);

        var user = _counts[Counter.User, row.User];
        values[at++] = Log(user);
        values[at++] = Log(_counts[Counter.UserItems, row.User]);
        var taste = page is null ? 0 : _counts[Counter.UserCategory, row.User, category];
        values[at++] = page is null ? -1 : Log(taste);
        values[at++] = page is null ? -1 : (float)((taste + Smoothing * ofCategory / Math.Max(1, _counts.Total)) / (user + Smoothing));
        values[at++] = page is null ? -1 : Log(_counts[Counter.UserDeveloper, row.User, developer]);

        var pair = _counts[Counter.UserItem, row.User, row.Item];
        values[at++] = Log(pair);
        values[at++] = (float)((pair + Smoothing * item / Math.Max(1, _counts.Total)) / (user + Smoothing));
        foreach (var value in row.Context) values[at++] = Log(_counts[Counter.UserItemValue, row.User, row.Item, value]);

        _texts.Read(_counts, row, values.Slice(at, FrappeTexts.Width));
    }

    // log of: share of the value among the scope's positives, over its share among all positives.
    private float Lift(int count, int scope, int value)
    {
        var share = (_counts[Counter.Value, value] + 1.0) / (_counts.Total + FrappeFiles.Ids);
        return (float)Math.Log((count + Smoothing * share) / (scope + Smoothing) / share);
    }

    private static float Log(double count) => (float)Math.Log(1 + count);
}
