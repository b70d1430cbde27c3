using Recs.Pipelines.Quality.Frappe;

namespace Recs.Pipelines.Tests.Quality;

public sealed class FrappeCountsTests
{
    private static readonly Dictionary<int, FrappeApp> Apps = Enumerable.Range(100, 12).ToDictionary(item => item, item => new FrappeApp(item % 3, item % 5, 1_000, 4, 0, ""));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Update_AnyOrderAndTakenAway_IsTheSameAsNeverAdded(int seed)
    {
        var random = new Random(seed);
        var rows = Rows(random, 300);
        var all = new FrappeCounts(Apps);
        foreach (var row in rows.OrderBy(_ => random.Next())) all.Update(row, +1);
        foreach (var row in rows.Take(100).OrderBy(_ => random.Next())) all.Update(row, -1);
        var rest = new FrappeCounts(Apps);
        foreach (var row in rows.Skip(100)) rest.Update(row, +1);

        Assert.Equal(rest.Total, all.Total);
        foreach (var row in rows)
        {
            Assert.Equal(Read(rest, row), Read(all, row));
            Assert.Equal(rest.AppsOf(row.User).Order(), all.AppsOf(row.User).Order());
        }
    }

    [Fact]
    public void Update_Negatives_ChangeNothing()
    {
        var rows = Rows(new Random(4), 200);
        var (with, without) = (new FrappeCounts(Apps), new FrappeCounts(Apps));
        foreach (var row in rows) with.Update(row, +1);
        foreach (var row in rows.Where(row => row.Label)) without.Update(row, +1);
        foreach (var row in rows) Assert.Equal(Read(without, row), Read(with, row));
    }

    [Fact]
    public void Update_RowTwice_CountsTheUserOnce()
    {
        var counts = new FrappeCounts(Apps);
        var row = new FrappeRow(true, 1, 100, [200, 210, 220, 230, 240, 250, 260, 270]);
        counts.Update(row, +1);
        counts.Update(row, +1);
        Assert.Equal((2, 2, 1, 1), (counts[Counter.Item, 100], counts[Counter.UserItem, 1, 100], counts[Counter.ItemUsers, 100], counts[Counter.UserItems, 1]));
        counts.Update(row, -1);
        Assert.Equal((1, 1, 1), (counts[Counter.ItemUsers, 100], counts[Counter.UserItem, 1, 100], counts.AppsOf(1).Count));
        counts.Update(row, -1);
        Assert.Equal((0, 0, 0), (counts[Counter.ItemUsers, 100], counts[Counter.UserItem, 1, 100], counts.AppsOf(1).Count));
    }

    private static List<int> Read(FrappeCounts counts, FrappeRow row) =>
    [
        counts[Counter.Item, row.Item], counts[Counter.User, row.User], counts[Counter.UserItem, row.User, row.Item], counts[Counter.ItemUsers, row.Item], counts[Counter.UserItems, row.User],
        counts[Counter.Category, row.Item % 3], counts[Counter.UserCategory, row.User, row.Item % 3], counts[Counter.UserDeveloper, row.User, row.Item % 5],
        .. row.Context.SelectMany(value => new[] { counts[Counter.Value, value], counts[Counter.ItemValue, row.Item, value], counts[Counter.UserItemValue, row.User, row.Item, value], counts[Counter.CategoryValue, row.Item % 3, value] }),
    ];

    private static List<FrappeRow> Rows(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => new FrappeRow(random.Next(3) == 0, random.Next(8), 100 + random.Next(12), [.. Enumerable.Range(0, 8).Select(field => 200 + 10 * field + random.Next(3))]))];
}
