using System.Runtime.InteropServices;

namespace Recs.Pipelines.Quality.Frappe;

/// <summary>
/// Integer counters of positives, folded in any order and taken away again by turning the sign: a training row reads the counts of everything but its own fold.
/// Negatives are never counted: in this data they tell the label (a drawn negative never becomes a positive, and each event has exactly two).
/// </summary>
internal sealed class FrappeCounts
{
    private readonly Dictionary<long, int> _counts = [];
    private readonly Dictionary<int, Dictionary<int, int>> _apps = [];
    private readonly IReadOnlyDictionary<int, FrappeApp> _pages;

    public FrappeCounts(IReadOnlyDictionary<int, FrappeApp> pages) => _pages = pages;

    /// <summary>Positives in all.</summary>
    public int Total { get; private set; }

    /// <summary>Folds one row.</summary>
    /// <param name="row">A positive is counted, a negative changes nothing.</param>
    /// <param name="sign">+1 to add, −1 to take away a row that was added.</param>
    public void Update(FrappeRow row, int sign)
    {
        if (!row.Label) return;
        Total += sign;
        var pairs = Add(Counter.UserItem, row.User, row.Item, 0, sign);
        // The pair has come into being, or gone.
        if (pairs == (sign > 0 ? 1 : 0))
        {
            Add(Counter.ItemUsers, row.Item, 0, 0, sign);
            Add(Counter.UserItems, row.User, 0, 0, sign);
        }
        Add(Counter.Item, row.Item, 0, 0, sign);
        Add(Counter.User, row.User, 0, 0, sign);
        foreach (var value in row.Context)
        {
            Add(Counter.Value, value, 0, 0, sign);
            Add(Counter.ItemValue, row.Item, value, 0, sign);
            Add(Counter.UserItemValue, row.User, row.Item, value, sign);
        }
        if (_pages.TryGetValue(row.Item, out var page))
        {
            Add(Counter.Category, page.Category, 0, 0, sign);
            Add(Counter.Developer, page.Developer, 0, 0, sign);
            Add(Counter.UserCategory, row.User, page.Category, 0, sign);
            Add(Counter.UserDeveloper, row.User, page.Developer, 0, sign);
            foreach (var value in row.Context) Add(Counter.CategoryValue, page.Category, value, 0, sign);
        }
        var apps = CollectionsMarshal.GetValueRefOrAddDefault(_apps, row.User, out _) ??= [];
        ref var uses = ref CollectionsMarshal.GetValueRefOrAddDefault(apps, row.Item, out _);
        uses += sign;
        if (uses == 0) apps.Remove(row.Item);
    }

    /// <summary>A counter's value.</summary>
    public int this[Counter counter, int a, int b = 0, int c = 0] => _counts.GetValueOrDefault(Key(counter, a, b, c));

    /// <summary>The apps that the user had, in no order.</summary>
    public IReadOnlyCollection<int> AppsOf(int user) => _apps.TryGetValue(user, out var apps) ? apps.Keys : [];

    private int Add(Counter counter, int a, int b, int c, int sign) =>
        CollectionsMarshal.GetValueRefOrAddDefault(_counts, Key(counter, a, b, c), out _) += sign;

    // Ids are below 2^14. The odd factor spreads them over the low half, which the dictionary's hash is made of; it loses nothing.
    private static long Key(Counter counter, int a, int b, int c) => ((((((long)counter << 14) | (uint)a) << 14) | (uint)b) << 14 | (uint)c) * unchecked((long)0x9E3779B97F4A7C15);
}

/// <summary>What is counted.</summary>
internal enum Counter
{
    Item = 1, User, Value, ItemValue, UserItem, UserItemValue, ItemUsers, UserItems, Category, Developer, UserCategory, UserDeveloper, CategoryValue,
}
