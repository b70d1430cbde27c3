using System.Data.Common;
using System.Text;
using Dapper;
using Recs.Domain;
using Recs.Domain.Embeddings;
using Recs.Domain.Events;
using Recs.Domain.Wire;

namespace Recs.Storage.Sql;

/// <summary>Vectors, and the items they are made of.</summary>
internal abstract partial class SqlStore
{
    private const string EmbeddingStage = "item_embedding_stage";

    public void SaveEmbeddings(IEnumerable<ItemEmbedding> embeddings)
    {
        var saved = embeddings.ToList();
        if (saved.Count == 0) return;
        Write((connection, transaction) =>
        {
            Save(connection, transaction, saved);
            return 0;
        });
    }

    public int RemoveEmbeddings(IEnumerable<ItemId> items)
    {
        var removed = items.ToHashSet();
        return removed.Count == 0 ? 0 : Write((connection, transaction) => Remove(connection, transaction, removed));
    }

    public IReadOnlyList<ItemEmbedding> Embeddings(string version) => Ask(connection => Vectors(connection, null, version));

    public IReadOnlyDictionary<ItemId, string> EmbeddingHashes(string version) => Ask(connection =>
    {
        using var command = Command(connection, StoreSql.EmbeddingHashes, ("version", version));
        using var rows = command.ExecuteReader();
        var hashes = new Dictionary<ItemId, string>();
        while (rows.Read()) hashes.Add(new(rows.GetString(0)), rows.GetString(1));
        return hashes;
    });

    public string? LatestEmbeddingVersion() => Ask(connection => connection.QueryFirstOrDefault<string>(StoreSql.LatestEmbeddingVersion));

    public IReadOnlyList<ItemUpserted> Catalogue() => Ask(connection =>
    {
        using var command = Command(connection, StoreSql.Catalogue);
        using var rows = command.ExecuteReader();
        var newest = new List<ItemUpserted>();
        while (rows.Read())
        {
            var version = (ItemUpserted)EventCodec.ReadStored(Encoding.UTF8.GetBytes(rows.GetString(0)));
            if (newest.Count == 0 || newest[^1].Item.Id != version.Item.Id) newest.Add(version);
            else if (Versions.IsNewer(version.Time, version.Id, newest[^1].Time, newest[^1].Id)) newest[^1] = version;
        }
        return newest;
    });

    private void ChangeEmbeddings(DbConnection connection, DbTransaction transaction, EmbeddingChanges changes)
    {
        if (changes.Removed.Count > 0) Remove(connection, transaction, changes.Removed);
        if (changes.Saved.Count > 0) Save(connection, transaction, changes.Saved);
    }

    private void Save(DbConnection connection, DbTransaction transaction, IReadOnlyList<ItemEmbedding> embeddings)
    {
        var newest = new Dictionary<(string, ItemId), ItemEmbedding>();
        var versions = new List<string>();
        foreach (var embedding in embeddings)
        {
            newest[(embedding.Version, embedding.Item)] = embedding;
            if (versions.Count > 0 && versions[^1] == embedding.Version) continue;
            versions.Remove(embedding.Version);
            versions.Add(embedding.Version);
        }
        Load(connection, transaction, EmbeddingStage, StoreSql.EmbeddingColumns, newest.Values, ResultRows.Write);
        connection.Execute(StoreSql.KeepEmbeddings, transaction: transaction);
        foreach (var version in versions) connection.Execute(Dialect(StoreSql.RememberEmbeddingVersion), new { version }, transaction);
    }

    private int Remove(DbConnection connection, DbTransaction transaction, IReadOnlyCollection<ItemId> items)
    {
        Load(connection, transaction, EmbeddingStage, StoreSql.EmbeddingColumns, items.Select(item => new ItemEmbedding(item, "", "", [])), ResultRows.Write);
        var removed = connection.ExecuteScalar<long>(StoreSql.CountStagedEmbeddings, transaction: transaction);
        connection.Execute(StoreSql.RemoveStagedEmbeddings, transaction: transaction);
        return (int)removed;
    }
}
