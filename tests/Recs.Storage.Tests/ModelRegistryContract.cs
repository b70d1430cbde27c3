using Recs.Domain;
using Recs.Tests;

namespace Recs.Storage.Tests;

/// <summary>The registry of models, the same on each engine.</summary>
public abstract class ModelRegistryContract
{
    internal abstract TestDatabase NewDatabase();

    [Fact]
    public void Register_Again_KeepsStatusParentAndTimes()
    {
        using var database = NewDatabase();
        using var store = database.Open();
        Assert.Empty(store.Models());
        var first = Model("aa", 0) with { From = An.Time, To = An.Time.Plus(TimeSpan.FromDays(3)), Parent = "zz" };
        store.RegisterModel(first);
        store.RegisterModel(Model("bb", 1));
        Assert.Equal([first, Model("bb", 1)], store.Models());
        store.PromoteModel("aa", null, An.Time.Plus(TimeSpan.FromHours(5)));
        store.RegisterModel(first with { Folder = "elsewhere", Status = ModelStatus.Shadow, Parent = null, Metrics = "{\"click\":{\"auc\":0.9}}", Registered = An.Time.Plus(TimeSpan.FromHours(9)) });
        Assert.Equal(first with { Folder = "elsewhere", Status = ModelStatus.Live, Metrics = "{\"click\":{\"auc\":0.9}}", Changed = An.Time.Plus(TimeSpan.FromHours(5)) }, store.Models()[0]);
    }

    [Fact]
    public void Promote_Second_RetiresTheFirst()
    {
        using var database = NewDatabase();
        using var store = database.Open();
        foreach (var (version, at) in new[] { ("aa", 0), ("bb", 1), ("cc", 2) }) store.RegisterModel(Model(version, at));
        store.PromoteModel("aa", null, An.Time);
        store.PromoteModel("bb", "aa", An.Time.Plus(TimeSpan.FromHours(4)));
        Assert.Equal([ModelStatus.Retired, ModelStatus.Live, ModelStatus.Shadow], store.Models().Select(model => model.Status));
        Assert.Contains("the live model is bb by now, not aa", Assert.Throws<RefusedException>(() => store.PromoteModel("cc", "aa", An.Time)).Message, StringComparison.Ordinal);
        Assert.Contains("no model dd is registered", Assert.Throws<RefusedException>(() => store.PromoteModel("dd", "bb", An.Time)).Message, StringComparison.Ordinal);
        Assert.Equal("bb", store.Models().Single(model => model.Status == ModelStatus.Live).Version);
        store.PromoteModel("bb", "bb", An.Time.Plus(TimeSpan.FromHours(6)));
        Assert.Equal("bb", store.Models().Single(model => model.Status == ModelStatus.Live).Version);
        store.RetireModel("bb", An.Time.Plus(TimeSpan.FromHours(7)));
        Assert.DoesNotContain(store.Models(), model => model.Status == ModelStatus.Live);
        Assert.Throws<RefusedException>(() => store.RetireModel("dd", An.Time));
    }

    private static RegisteredModel Model(string version, int hour) => new(version, $"models/{version}", ModelStatus.Shadow, null, "schema", "none", null, null, "{\"learner\":\"lightgbm\"}", "{}",
        An.Time.Plus(TimeSpan.FromHours(hour)), An.Time.Plus(TimeSpan.FromHours(hour)));
}

/// <summary>On DuckDB.</summary>
public sealed class DuckDbModelRegistryTests : ModelRegistryContract
{
    internal override TestDatabase NewDatabase() => TestDatabase.DuckDb();
}

/// <summary>On PostgreSQL.</summary>
public sealed class PostgresModelRegistryTests : ModelRegistryContract
{
    internal override TestDatabase NewDatabase() => TestDatabase.Postgres();
}
