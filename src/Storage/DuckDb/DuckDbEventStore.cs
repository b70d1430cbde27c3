using System.Data;
using System.Data.Common;
using Dapper;
using DuckDB.NET.Data;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Storage.Facts;
using Recs.Storage.Migrations;
using Recs.Storage.Sql;

namespace Recs.Storage.DuckDb;

/// <summary>
/// The store in a DuckDB file. A key is kept once without an index (which would cost as much as the append itself):
/// the file has one process, its writers take turns, and each looks for its keys among those of the days it appends to, which are kept in memory.
/// </summary>
internal sealed class DuckDbEventStore(DuckDbFile file) : SqlStore
{
    private const string KeyStage = "fact_key_stage";

    // Of the facts that the transaction under way appends: their keys are computed once.
    private readonly List<(int Day, UInt128 Key)> _appending = [];
    private readonly TextArena _texts = new();

    /// <summary>Looks only at the days of the batch: row groups of other days are skipped by their bounds.</summary>
    private const string Known = $"""
        select distinct s.number from {KeyStage} s
        join fact f on f.day = s.day and f.event_id = s.event_id
        where f.day between $first and $last
        """;

    public override string Name => file.Name;

    protected override IReadOnlyList<Migration> Steps { get; } = Migration.In("sql/schema");

    /// <summary>A view here does not know who reads it, so the order is all one.</summary>
    protected override ViewDialect Views { get; } = new(names => string.Concat(names.Select(name => $"drop view if exists {name};\n")), _ => "");

    /// <summary>DuckDB's only level, whatever is asked for, is a snapshot.</summary>
    protected override IsolationLevel SnapshotIsolation => IsolationLevel.Unspecified;

    public override void Dispose()
    {
        base.Dispose();
        _texts.Dispose();
        file.Dispose();
    }

    protected override string VectorHash => "hash(item_id, vector)";

    protected override string Dialect(string sql) => sql;

    protected override DbConnection Connection() => file.Connection;

    protected override IDisposable EnterWrite() => new Turn(file.Writers.Gate);

    // Its writers take turns anyway.
    protected override void LockSchema(DbConnection connection, DbTransaction transaction) { }

    protected override void LockMarts(DbConnection connection, DbTransaction transaction) => PrepareReport(connection);

    protected override void MartMade(DbConnection connection, string mart) { }

    protected override void PrepareReport(DbConnection connection) => file.Writers.Memory.ForReports(connection);

    protected override void EnterAppend(DbConnection connection, DbTransaction transaction) { }

    protected override void HoldAppends(DbConnection connection, DbTransaction transaction) { }

    protected override List<Fact> AppendFresh(DbConnection connection, DbTransaction transaction, List<KeyedFact> facts, long batch)
    {
        file.Writers.Memory.ForAppends(connection);
        var fresh = new List<Fact>(facts.Count);
        List<KeyedFact> large = [];
        _appending.Clear();
        var (day, keys) = (int.MinValue, default(KeySet));
        Dictionary<int, KeySet?> days = [];
        foreach (var keyed in facts)
        {
            if (keyed.Day != day && !days.TryGetValue(day = keyed.Day, out keys)) days.Add(day, keys = KeysOf(day));
            if (keys is null)
            {
                large.Add(keyed);
                continue;
            }
            if (keys.Contains(keyed.Key)) continue;
            fresh.Add(keyed.Fact);
            _appending.Add((day, keyed.Key));
        }
        if (large.Count > 0) fresh.AddRange(NotStored(connection, transaction, large));
        LoadFacts(connection, fresh, batch);
        return fresh;
    }

    protected override (DbTransaction Transaction, long Batch) BeginSettledRead(DbConnection connection)
    {
        using var turn = EnterWrite();
        var batch = connection.QuerySingle<long>("select nextval('fact_batch')");
        var transaction = connection.BeginTransaction();
        connection.QuerySingle<long>(StoreSql.Epoch, transaction: transaction); // a transaction begins with its first look at the database
        return (transaction, batch);
    }

    protected override void DropDays(DbConnection connection, DbTransaction transaction, DateOnly day)
    {
        foreach (var sql in new[]
        {
            "delete from fact_shown where day < $day",
            "delete from fact where day < $day and type in (3, 4)",
        })
        {
            using var command = Command(connection, sql, ("day", day));
            command.Transaction = transaction;
            command.ExecuteNonQuery();
        }
    }

    protected override void Appended()
    {
        file.Writers.Keys.Add(_appending);
        _appending.Clear();
    }

    /// <summary>What the file holds is not known now, or has changed by more than appending.</summary>
    protected override void Changed()
    {
        file.Writers.Keys.Forget();
        _appending.Clear();
    }

    /// <summary>The keys of a day, read where they are not in memory; null for a day of more than memory is meant for.</summary>
    private KeySet? KeysOf(int day)
    {
        var known = file.Writers.Keys;
        if (known.Find(day) is { } here) return here;
        var date = SqlTime.DayOf(Timestamp.OfDay(day));
        using (var count = Command(file.Connection, "select count(*) from fact where day = $day", ("day", date)))
            if ((long)count.ExecuteScalar()! > known.Capacity) return null;
        using var command = Command(file.Connection, "select event_id from fact where day = $day", ("day", date));
        MakeStreaming(command);
        using var rows = command.ExecuteReader();
        return known.Load(day, Read(rows));

        static IEnumerable<UInt128> Read(DbDataReader rows)
        {
            while (rows.Read()) yield return EventKey.Of(rows.GetString(0));
        }
    }

    /// <summary>The facts whose keys the table does not hold, found by a join with the days of <paramref name="facts"/>.</summary>
    private IEnumerable<Fact> NotStored(DbConnection connection, DbTransaction transaction, List<KeyedFact> facts)
    {
        Clear(connection, transaction, KeyStage);
        using (var keys = Bulk(connection, KeyStage, ""))
        {
            for (var number = 0; number < facts.Count; number++)
            {
                keys.StartRow();
                keys.Day(SqlTime.DayOf(facts[number].Fact.Event.Time));
                keys.Text(facts[number].Fact.Event.Id.Value);
                keys.Integer(number);
                keys.EndRow();
            }
            keys.Complete();
        }
        var (first, last) = (SqlTime.DayOf(Timestamp.OfDay(facts.Min(keyed => keyed.Day))), SqlTime.DayOf(Timestamp.OfDay(facts.Max(keyed => keyed.Day))));
        var stored = new HashSet<int>();
        using (var command = Command(connection, Known, ("first", first), ("last", last)))
        using (var rows = command.ExecuteReader())
            while (rows.Read()) stored.Add(rows.GetInt32(0));
        return facts.Where((_, number) => !stored.Contains(number)).Select(keyed => keyed.Fact);
    }

    protected override BulkWriter Bulk(DbConnection connection, string table, string columns) =>
        table is "fact" or ItemTable or ShownTable ? new DuckDbColumns(file.Connection, table, _texts)
        : new DuckDbBulkWriter(table.EndsWith("_stage", StringComparison.Ordinal)
            ? file.Connection.CreateAppender("temp", "main", table)
            : file.Connection.CreateAppender(table));

    protected override void Clear(DbConnection connection, DbTransaction transaction, string stage)
    {
        if (!HasStages)
            connection.Execute($"""
                create temp table if not exists {KeyStage} (day date, event_id text, number integer);
                create temp table if not exists dead_letter_stage as select {StoreSql.DeadLetterColumns} from dead_letter limit 0;
                create temp table if not exists late_event_stage as select {StoreSql.LateEventColumns} from late_event limit 0;
                create temp table if not exists item_embedding_stage as select {StoreSql.EmbeddingColumns} from item_embedding limit 0;
                """, transaction: transaction);
        HasStages = true;
        connection.Execute($"delete from {stage}", transaction: transaction);
    }

    /// <summary>In-process: what fails does not pass by waiting.</summary>
    protected override bool IsUnavailable(DbException fault) => false;

    protected override void MakeStreaming(DbCommand command) => ((DuckDBCommand)command).UseStreamingMode = true;

    protected override float[] ReadVector(DbDataReader rows, int column) => [.. rows.GetFieldValue<List<float>>(column)];

    protected override byte[] ReadBytes(DbDataReader rows, int column)
    {
        using var stream = rows.GetStream(column);
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    private sealed class Turn : IDisposable
    {
        private readonly Lock _gate;

        public Turn(Lock gate)
        {
            _gate = gate;
            _gate.Enter();
        }

        public void Dispose() => _gate.Exit();
    }
}
