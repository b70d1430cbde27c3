using Recs.Domain;
using Recs.Domain.Embeddings;
using Recs.Domain.Events;
using Recs.Storage;
using Recs.Storage.Marts;
using Recs.Storage.Reports;
using Recs.Storage.Sql;
using Recs.Tests;

namespace Recs.Sql.Tests.Clusters;

/// <summary>Clusters in a store: made when vectors have changed and only then, and what the report says of them.</summary>
public sealed class ClusterMartTests
{
    private const string Rows = "select embedding_version, item_id, cluster, cosine from dim_item_cluster order by item_id";

    [Theory]
    [InlineData("duckdb")]
    [InlineData("postgres")]
    public void RefreshClusters_VectorsChange_MakesThemAnewOnlyThen(string engine)
    {
        using var database = engine == "duckdb" ? TestDatabase.DuckDb() : TestDatabase.Postgres();
        using var store = database.Open();
        Assert.Equal(new ClusterRefresh(null, false, 0, 0), store.RefreshClusters());

        var random = new Random(3);
        var vectors = Enumerable.Range(0, 60).Select(n => Embedding(n, "v1", random)).ToList();
        store.SaveEmbeddings(vectors);
        Held(new("v1", true, 60, 5), vectors);
        Held(new("v1", false, 60, 5), vectors);
        store.SaveEmbeddings(vectors.Take(9)); // as they were
        Held(new("v1", false, 60, 5), vectors);

        vectors[4] = Embedding(4, "v1", random); // its text is as it was: only the numbers have changed
        store.SaveEmbeddings([vectors[4]]);
        Held(new("v1", true, 60, 5), vectors);
        store.RemoveEmbeddings([vectors[0].Item]);
        vectors.RemoveAt(0);
        Held(new("v1", true, 59, 5), vectors);
        store.SaveEmbeddings([new(new("blank"), "v1", "", new float[4])]);
        Held(new("v1", true, 59, 5), vectors); // it has no direction
        store.SaveEmbeddings([Embedding(100, "old", random), vectors[0]]); // of another version, which is not the newest
        Held(new("v1", false, 59, 5), vectors);

        var next = Enumerable.Range(0, 10).Select(n => Embedding(n, "v2", random)).ToList();
        store.SaveEmbeddings(next);
        Held(new("v2", true, 10, 2), next);
        Assert.True(store.RefreshClusters(rebuild: true).IsMade);
        store.RemoveEmbeddings(next.Select(embedding => embedding.Item));
        Assert.Equal(new ClusterRefresh("v2", true, 0, 0), store.RefreshClusters());
        Assert.Empty(Ask(store, Rows).Rows);

        void Held(ClusterRefresh expected, IReadOnlyList<ItemEmbedding> there)
        {
            Assert.Equal(expected, store.RefreshClusters());
            Tables.Same(ItemCluster.Of(there, 1).Select(item => new object?[] { there[0].Version, item.Item.Value, (long)item.Cluster, item.Cosine }), Ask(store, Rows));
        }
    }

    [Fact]
    public void RefreshClusters_AnEarlierBuildsClusters_AreMadeAnew()
    {
        using var database = TestDatabase.DuckDb();
        using var store = database.Open();
        new SmallShop(1).Fill(store);
        Assert.False(store.RefreshClusters().IsMade);
        ((SqlStore)store).Execute("update item_cluster_state set fingerprint = '0' || substr(fingerprint, 2)");
        Assert.True(store.RefreshClusters().IsMade);
    }

    [Theory]
    [InlineData("duckdb")]
    [InlineData("postgres")]
    public void Clusters_OfAShop_CountShownAndClicked(string engine)
    {
        using var database = engine == "duckdb" ? TestDatabase.DuckDb() : TestDatabase.Postgres();
        using var store = database.Open();
        var shop = new SmallShop(20111107);
        shop.Fill(store);
        var clusters = ItemCluster.Of(store.Embeddings("v1"), 1);
        // The same from the events: a click counts for the first showing of its user's request and item.
        var credited = new HashSet<(RequestId, UserId, ItemId)>();
        var answers = shop.Interactions.Where(answer => answer.Request is not null).ToLookup(answer => (answer.Request!.Value, answer.User, answer.Item), answer => answer.Action);
        var shown = shop.Impressions.SelectMany(page => page.Items.Select(place => (place.Item, Key: (page.Request, page.User, place.Item))))
            .Select(row => (row.Item, Answers: credited.Add(row.Key) ? answers[row.Key].ToHashSet() : [])).Where(row => clusters.Any(item => item.Item == row.Item)).ToList();
        double Overall(InteractionType action) => shown.Count(row => row.Answers.Contains(action)) / (double)shown.Count;
        var expected = clusters.GroupBy(item => item.Cluster).OrderBy(group => group.Key).Select(group =>
        {
            var rows = shown.Where(row => group.Any(item => item.Item == row.Item)).ToList();
            int clicked = rows.Count(row => row.Answers.Contains(InteractionType.Click)), converted = rows.Count(row => row.Answers.Contains(InteractionType.Conversion));
            double n = rows.Count, p = clicked / n;
            const double z = 1.959963984540054;
            var (centre, half) = ((p + z * z / (2 * n)) / (1 + z * z / n), z / (1 + z * z / n) * Math.Sqrt(p * (1 - p) / n + z * z / (4 * n * n)));
            var nearest = group.OrderByDescending(item => item.Cosine).ThenBy(item => item.Item.Value, StringComparer.Ordinal).First();
            return new object?[]
            {
                (long)group.Key, (long)group.Count(), (long)n, (long)clicked, p, Math.Max(0, centre - half), Math.Min(1, centre + half), p / Overall(InteractionType.Click) - 1,
                (long)converted, converted / n, converted / n / Overall(InteractionType.Conversion) - 1, nearest.Item.Value, $"Item {nearest.Item.Value[1..]}", nearest.Cosine,
            };
        });
        Tables.Same(expected, new ReportRunner(store).Run("clusters", new Dictionary<string, string>()));
        // Days without a showing: the clusters are there, and nothing is said of their clicks.
        var none = new ReportRunner(store).Run("clusters", new Dictionary<string, string> { ["from"] = "2030-01-01" });
        Assert.Equal(clusters.Max(item => item.Cluster), none.Rows.Count);
        Assert.All(none.Rows, row => Assert.Equal([0L, 0L, null, null, null, null, 0L, null, null], row.Skip(2).Take(9)));
    }

    private static ItemEmbedding Embedding(int n, string version, Random random) =>
        new(new($"i{n}"), version, "same text", [.. Enumerable.Range(0, 4).Select(_ => (float)(random.NextDouble() - 0.5))]);

    private static Table Ask(IRecsStore store, string sql) => store.Query(sql, new Dictionary<string, object>());
}
