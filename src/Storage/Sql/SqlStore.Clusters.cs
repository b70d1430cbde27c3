using System.Data.Common;
using System.Globalization;
using Dapper;
using Recs.Domain.Embeddings;
using Recs.Storage.Marts;

namespace Recs.Storage.Sql;

// Clusters of the newest embedding version. They depend on all of its vectors at once, so they are made as a whole, and only where one of those has changed: the database itself
// takes a fingerprint of them, which costs one pass and no transfer.
internal abstract partial class SqlStore
{
    private const string KeepClusters = """
        insert into item_cluster_state (one, version, vectors, fingerprint, items, clusters) values (1, $version, $vectors, $fingerprint, $items, $clusters)
        on conflict (one) do update set version = excluded.version, vectors = excluded.vectors, fingerprint = excluded.fingerprint, items = excluded.items, clusters = excluded.clusters
        """;

    public ClusterRefresh RefreshClusters(bool rebuild = false, CancellationToken cancel = default)
    {
        var made = Ask(connection => connection.QueryFirstOrDefault<ClusterState>("select version, vectors, fingerprint, items, clusters from item_cluster_state where one = 1"));
        var (there, embeddings) = ReadVectors(rebuild ? null : made?.Fingerprint);
        if (there is null)
        {
            if (made is not null) Write((connection, transaction) => KeepClustersOf(connection, transaction, null, []));
            return new(null, made is not null, 0, 0);
        }
        if (embeddings is null) return new(there.Version, false, made!.Items, made.Clusters);
        var found = ItemCluster.Of(embeddings, Environment.ProcessorCount, cancel);
        var state = there with { Items = found.Count, Clusters = found.Count == 0 ? 0 : found.Max(item => item.Cluster) };
        Write((connection, transaction) => KeepClustersOf(connection, transaction, state, found));
        return new(state.Version, true, state.Items, state.Clusters);
    }

    /// <summary>A number of 64 bits that a row's item and vector come to, as an SQL expression; the same within one database only.</summary>
    protected abstract string VectorHash { get; }

    /// <summary>What the newest version's vectors are, none where there is no version; and the vectors themselves where their fingerprint is not <paramref name="known"/>, all of it at one moment.</summary>
    private (ClusterState? There, List<ItemEmbedding>? Vectors) ReadVectors(string? known) => Ask<(ClusterState?, List<ItemEmbedding>?)>(connection =>
    {
        using var transaction = connection.BeginTransaction(SnapshotIsolation);
        if (connection.QueryFirstOrDefault<string>(StoreSql.LatestEmbeddingVersion, transaction: transaction) is not { } version) return (null, null);
        // Items differ, so equal rows cannot cancel each other out.
        var (count, hash) = connection.QuerySingle<(long, string)>(Dialect($"select count(*), coalesce(cast(bit_xor({VectorHash}) as text), '') from item_embedding where version = $version"), new { version }, transaction);
        var there = new ClusterState { Version = version, Vectors = count, Fingerprint = string.Create(CultureInfo.InvariantCulture, $"{ItemCluster.Revision} {version} {count} {hash}") };
        return (there, there.Fingerprint == known ? null : Vectors(connection, transaction, version));
    });

    private List<ItemEmbedding> Vectors(DbConnection connection, DbTransaction? transaction, string version)
    {
        using var command = Command(connection, StoreSql.Embeddings, ("version", version));
        command.Transaction = transaction;
        using var rows = command.ExecuteReader();
        var embeddings = new List<ItemEmbedding>();
        while (rows.Read()) embeddings.Add(new(new(rows.GetString(0)), version, rows.GetString(1), ReadVector(rows, 2), rows.GetString(3)));
        return embeddings;
    }

    private int KeepClustersOf(DbConnection connection, DbTransaction transaction, ClusterState? state, List<ItemCluster> found)
    {
        LockMarts(connection, transaction);
        connection.Execute("delete from item_cluster", transaction: transaction);
        if (state is null) return connection.Execute("delete from item_cluster_state", transaction: transaction);
        Load(connection, transaction, "item_cluster", "version, item_id, cluster, cosine", found, (row, item) =>
        {
            row.Text(state.Version);
            row.Text(item.Item.Value);
            row.Integer(item.Cluster);
            row.Double(item.Cosine);
        });
        return Run(connection, transaction, KeepClusters, ("version", state.Version), ("vectors", state.Vectors), ("fingerprint", state.Fingerprint), ("items", state.Items), ("clusters", state.Clusters));
    }

    private sealed record ClusterState
    {
        public string Version { get; init; } = "";

        public long Vectors { get; init; }

        public string Fingerprint { get; init; } = "";

        public long Items { get; init; }

        public int Clusters { get; init; }
    }
}
