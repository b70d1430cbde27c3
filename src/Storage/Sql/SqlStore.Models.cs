using System.Data.Common;
using Dapper;
using Recs.Domain;

namespace Recs.Storage.Sql;

// The registry of models.
internal abstract partial class SqlStore
{
    private const string KeepModel = """
        insert into model_registry (version, folder, status, parent, schema_hash, embedding_version, data_from, data_to, parameters, metrics, registered_at, changed_at)
        values ($version, $folder, $status, $parent, $schema, $embedding, $from, $to, $parameters, $metrics, $registered, $changed)
        on conflict (version) do update set folder = excluded.folder, schema_hash = excluded.schema_hash, embedding_version = excluded.embedding_version,
          data_from = excluded.data_from, data_to = excluded.data_to, parameters = excluded.parameters, metrics = excluded.metrics
        """;

    private const string SelectModels = """
        select version, folder, status, parent, schema_hash, embedding_version, data_from, data_to, parameters, metrics, registered_at, changed_at
        from model_registry order by registered_at, version
        """;

    private const string SetModelStatus = "update model_registry set status = $status, changed_at = $at where version = $version";

    private const string RetireLive = "update model_registry set status = 3, changed_at = $at where status = 2";

    public void RegisterModel(RegisteredModel model) => Write((connection, transaction) =>
    {
        HoldAppends(connection, transaction);
        using var command = Command(connection, Dialect(KeepModel), ("version", model.Version), ("folder", model.Folder), ("status", (short)model.Status), ("parent", model.Parent ?? (object)DBNull.Value),
            ("schema", model.SchemaHash), ("embedding", model.EmbeddingVersion), ("from", Moment(model.From)), ("to", Moment(model.To)),
            ("parameters", WireText.Storable(model.Parameters)), ("metrics", WireText.Storable(model.Metrics)), ("registered", SqlTime.Of(model.Registered)), ("changed", SqlTime.Of(model.Changed)));
        command.Transaction = transaction;
        return command.ExecuteNonQuery();
    });

    public IReadOnlyList<RegisteredModel> Models() => Ask(connection => ReadModels(connection, null));

    public void PromoteModel(string version, string? live, Timestamp at) => Write((connection, transaction) =>
    {
        // Changes of the registry take turns, so that two promotions cannot both see the same live model.
        HoldAppends(connection, transaction);
        var models = ReadModels(connection, transaction);
        RequireModel(models, version);
        var found = models.FirstOrDefault(model => model.Status == ModelStatus.Live)?.Version;
        if (found != live) throw new RefusedException($"the live model is {found ?? "none"} by now, not {live ?? "none"}; look at recs models list and promote again");
        connection.Execute(Dialect(RetireLive), new { at = SqlTime.Of(at) }, transaction);
        return connection.Execute(Dialect(SetModelStatus), new { status = (short)ModelStatus.Live, at = SqlTime.Of(at), version }, transaction);
    });

    public void RetireModel(string version, Timestamp at) => Write((connection, transaction) =>
    {
        HoldAppends(connection, transaction);
        RequireModel(ReadModels(connection, transaction), version);
        return connection.Execute(Dialect(SetModelStatus), new { status = (short)ModelStatus.Retired, at = SqlTime.Of(at), version }, transaction);
    });

    private static void RequireModel(List<RegisteredModel> models, string version)
    {
        if (models.Any(model => model.Version == version)) return;
        throw new RefusedException($"no model {version} is registered; {(models.Count == 0 ? "none is" : $"the last ones are {string.Join(", ", models.TakeLast(5).Select(model => model.Version))}")}");
    }

    private List<RegisteredModel> ReadModels(DbConnection connection, DbTransaction? transaction)
    {
        using var command = Command(connection, SelectModels);
        command.Transaction = transaction;
        using var rows = command.ExecuteReader();
        List<RegisteredModel> models = [];
        Timestamp? Time(int column) => rows.IsDBNull(column) ? null : SqlTime.From(rows.GetDateTime(column));
        while (rows.Read())
            models.Add(new(rows.GetString(0), rows.GetString(1), (ModelStatus)rows.GetInt16(2), rows.IsDBNull(3) ? null : rows.GetString(3), rows.GetString(4), rows.GetString(5),
                Time(6), Time(7), rows.GetString(8), rows.GetString(9), Time(10)!.Value, Time(11)!.Value));
        return models;
    }

    private static object Moment(Timestamp? time) => time is { } there ? SqlTime.Of(there) : DBNull.Value;
}
