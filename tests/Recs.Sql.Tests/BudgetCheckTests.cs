using Recs.Domain;
using Recs.Domain.Decisions;
using Recs.Domain.Events;
using Recs.Domain.Items;
using Recs.Storage;
using Recs.Storage.Reports;
using Recs.Tests;

namespace Recs.Sql.Tests;

/// <summary>What the check of budgets lets pass and what it does not, page by page: each owes 60 millionths of a budget of 100.</summary>
public sealed class BudgetCheckTests
{
    private const long OwedThousandths = 60_000;

    [Theory]
    [InlineData("duckdb")]
    [InlineData("postgres")]
    public void BudgetHeld_BidPerClick_IsBrokenByTheSecondPageSoldKnowingly(string engine)
    {
        using var database = engine == "duckdb" ? TestDatabase.DuckDb() : TestDatabase.Postgres();
        using var store = Shop(database, BidUnit.Click, micros: 60);
        Page(store, "r1", 10, clicked: 11);
        Page(store, "r2", 20, clicked: 40); // comes long after the budget is spent; the page was made before
        Page(store, "r3", 30, clicked: 31);
        Page(store, "r4", 31.5, clicked: 32); // that r3 was clicked became known half a minute before
        Assert.Empty(Broken(store));
        Page(store, "r5", 35, clicked: 36); // one page on its way
        Page(store, "free", 37, clicked: null); // owes nothing
        Page(store, "imported", 38, clicked: 39, isDecided: false);
        Page(store, "tomorrow", 24 * 60 + 5, clicked: 24 * 60 + 6); // a budget of its own
        Assert.Empty(Broken(store));
        Page(store, "r6", 41, clicked: 42);
        Assert.Equal(["ad", "click", 100L, 7 * OwedThousandths, OwedThousandths, 2L, 2 * OwedThousandths], Assert.Single(Broken(store)).Skip(1));
    }

    [Theory]
    [InlineData("duckdb")]
    [InlineData("postgres")]
    public void BudgetHeld_BidPerThousand_OwesWhenThePageIsKnown(string engine)
    {
        using var database = engine == "duckdb" ? TestDatabase.DuckDb() : TestDatabase.Postgres();
        using var store = Shop(database, BidUnit.Thousand, micros: OwedThousandths);
        Page(store, "r1", 10, clicked: 11);
        Page(store, "r2", 20, clicked: null);
        Page(store, "r3", 20.5, clicked: null); // that r2 was shown became known half a minute before
        Page(store, "r4", 30, clicked: null);
        Assert.Empty(Broken(store));
        Page(store, "r5", 31, clicked: null);
        Assert.Equal(["ad", "thousand", 100L, 5 * OwedThousandths, OwedThousandths, 2L, 2 * OwedThousandths], Assert.Single(Broken(store)).Skip(1));
    }

    [Fact]
    public void BudgetHeld_SpendReportedLate_WasNotKnown()
    {
        using var database = TestDatabase.DuckDb();
        using var store = Shop(database, BidUnit.Click, micros: 60);
        for (var n = 0; n < 5; n++) Page(store, $"r{n}", 10 * (n + 1), clicked: 10 * (n + 1) + 1, known: 100);
        Assert.Empty(Broken(store));
        Page(store, "r5", 102, clicked: 103);
        Page(store, "r6", 104, clicked: 105);
        Assert.Equal(2L, Assert.Single(Broken(store))[6]);
    }

    private static IRecsStore Shop(TestDatabase database, BidUnit per, long micros)
    {
        var store = database.Open();
        Append(store, new ItemUpserted(new("i"), At(0), new Item { Id = new("ad"), Title = "Ad", Ad = new Ad(new("adv"), null, new(per, micros), 100, []) }), 0);
        return store;
    }

    private static void Page(IRecsStore store, string request, double minute, double? clicked, bool isDecided = true, double? known = null)
    {
        var price = ((ItemUpserted)store.Catalogue().Single()).Item.Ad!.Bid.Micros;
        Append(store, new Impression(new("p-" + request), At(minute), new(request), new("u"), "home", [new(new("ad"), 1, null, price)]), known ?? minute);
        if (clicked is { } later) Append(store, new Interaction(new("n-" + request), At(later), new RequestId(request), new("u"), new("ad"), InteractionType.Click, 0, 0), known ?? later);
        if (!isDecided) return;
        Assert.Equal(1, store.Keep([new Decision
        {
            Id = "d-" + request,
            Request = new(request),
            Time = At(minute),
            User = new("u"),
            Surface = "home",
            Versions = new("m", "v", "p", "c"),
            Degraded = "none",
            Candidates = 1,
            Places = [new DecidedPlace(1, new("ad"), true, 1, 1, new("adv"), 1, price)],
            Removed = new Dictionary<string, int>(),
            Answer = "{}"u8.ToArray(),
            Inputs = [],
        }]));
    }

    private static IReadOnlyList<IReadOnlyList<object?>> Broken(IRecsStore store)
    {
        store.RefreshMarts();
        return [.. new CheckRunner(store).Run("budget_held").Rows];
    }

    private static Timestamp At(double minutes) => SmallShop.Start.Plus(TimeSpan.FromMinutes(minutes));

    private static void Append(IRecsStore store, Event told, double known) => store.Append(new([new(told, At(known))], [], []));
}
