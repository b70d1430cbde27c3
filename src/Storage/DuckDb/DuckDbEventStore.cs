using System.Data;
using System.Data.Common;
using Dapper;
using DuckDB.NET.Data;
using Recs.Domain.Events;
using Recs.Storage.Facts;
using Recs.Storage.Migrations;
using Recs.Storage.Sql;

namespace Recs.Storage.DuckDb;

/// <summary>
/// The store in a DuckDB file. A key is kept once without an index (which would cost as much as the append itself):
/// the file has one process, its writers take turns, and each looks for its keys in the transaction that appends them.
/// </summary>
internal sealed class DuckDbEventStore(DuckDbFile file) : SqlStore
{
    private const string KeyStage = "fact_key_stage";

    /// <summary>Looks only at the days of the batch: row groups of other days are skipped by their bounds.</summary>
    private const string Known = $"""
        select distinct s.number from {KeyStage} s
        join fact f on f.day = s.day and f.event_id = s.event_id
        where f.day between $first and $last
        """;

    public override string Name => file.Name;

    protected override IReadOnlyList<Migration> Steps { get; } = Migration.In("sql/schema");

    /// <summary>DuckDB's only level, whatever is asked for, is a snapshot.</summary>
    protected override IsolationLevel SnapshotIsolation => IsolationLevel.Unspecified;

    public override void Dispose()
    {
        base.Dispose();
        file.Connection.Dispose();
    }

    protected override string Dialect(string sql) => sql;

    protected override DbConnection Connection() => file.Connection;

    protected override IDisposable EnterWrite() => new Turn(file.Gate);

    // Its writers take turns anyway.
    protected override void LockSchema(DbConnection connection, DbTransaction transaction) { }

    protected override void EnterAppend(DbConnection connection, DbTransaction transaction) { }

    protected override void HoldAppends(DbConnection connection, DbTransaction transaction) { }

    protected override List<Fact> AppendFresh(DbConnection connection, DbTransaction transaction, List<Fact> facts, long batch)
    {
        Clear(connection, transaction, KeyStage);
        using (var keys = Bulk(connection, KeyStage, ""))
        {
            for (var number = 0; number < facts.Count; number++)
            {
                keys.StartRow();
                keys.Day(SqlTime.DayOf(facts[number].Event.Time));
                keys.Text(facts[number].Event.Id.Value);
                keys.Integer(number);
                keys.EndRow();
            }
            keys.Complete();
        }
        var (first, last) = DistinctFacts.Days(facts);
        var known = new HashSet<int>();
        using (var command = Command(connection, Known, ("first", first), ("last", last)))
        using (var rows = command.ExecuteReader())
            while (rows.Read()) known.Add(rows.GetInt32(0));
        var fresh = known.Count == 0 ? facts : [.. facts.Where((_, number) => !known.Contains(number))];
        LoadFacts(connection, fresh, batch);
        return fresh;
    }

    protected override BulkWriter Bulk(DbConnection connection, string table, string columns) => new DuckDbBulkWriter(
        table.EndsWith("_stage", StringComparison.Ordinal)
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
