using System.Data;
using System.Data.Common;
using Dapper;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Ranking;
using Recs.Storage.Facts;
using Recs.Storage.Migrations;
using Recs.Storage.Reports;
using Recs.Storage.Scores;

namespace Recs.Storage.Sql;

/// <summary>
/// What both engines share: the order of steps within each transaction and the portable SQL. An engine says how it opens,
/// locks and bulk-loads, and how it finds the facts not seen before.
/// </summary>
internal abstract partial class SqlStore : IRecsStore
{
    private OpenRead? _reading;

    public abstract string Name { get; }

    public void Migrate() => Write((connection, transaction) =>
    {
        LockSchema(connection, transaction);
        new MigrationRunner(Name, Steps, Dialect, Views).Run(connection, transaction);
        return 0;
    });

    public IReadOnlyDictionary<StreamPartition, long> Offsets(string group) =>
        Ask(connection => OffsetMover.Read(connection, null, Dialect, group));

    public StoreSnapshot Read(string group, Timestamp? before = null) => Ask(connection =>
    {
        var transaction = connection.BeginTransaction(SnapshotIsolation);
        _reading = new(transaction);
        var offsets = OffsetMover.Read(connection, transaction, Dialect, group);
        var latest = before is { } time ? SqlTime.Of(time) : DateTime.MaxValue;
        return new StoreSnapshot(offsets, Stream(connection, _reading, FactReader.Query, ("before", latest)));
    });

    public StoreCounts Count() => Ask(connection => connection.QuerySingle<StoreCounts>(StoreSql.Count));

    public long LoadScores(string parquetFile, Timestamp scoredAt) => Write((connection, transaction) =>
    {
        foreach (var version in ScoreFile.ModelVersions(parquetFile))
            connection.Execute(Dialect(StoreSql.DeleteScores), new { version }, transaction);
        return Load(connection, transaction, "score", StoreSql.ScoreColumns, ScoreFile.Read(parquetFile), (row, score) => ResultRows.Write(row, score, scoredAt));
    });

    public IReadOnlyList<ScoredItem> Scores(UserId user, string modelVersion) => Ask(connection =>
    {
        using var command = Command(connection, StoreSql.Scores, ("version", modelVersion), ("user", user.Value));
        using var rows = command.ExecuteReader();
        var scores = new List<ScoredItem>();
        while (rows.Read()) scores.Add(new(user, new(rows.GetString(0)), rows.GetFloat(1), rows.GetInt32(2), modelVersion, rows.GetString(3)));
        return scores;
    });

    public long SavePredictions(string modelVersion, IEnumerable<Prediction> predictions) => Write((connection, transaction) =>
    {
        connection.Execute(Dialect(StoreSql.DeletePredictions), new { version = modelVersion }, transaction);
        return Load(connection, transaction, "prediction", StoreSql.PredictionColumns, predictions, (row, prediction) => ResultRows.Write(row, prediction, modelVersion));
    });

    public Table Query(string sql, IReadOnlyDictionary<string, object> parameters) => Ask(connection =>
    {
        PrepareReport(connection);
        using var command = Command(connection, ReportText(sql), [.. parameters.Select(pair => (pair.Key, pair.Value))]);
        using var rows = command.ExecuteReader();
        return TableReader.Read(rows);
    });

    public void Read(string sql, Dictionary<string, object> parameters, Action<IReadOnlyList<TableColumn>, IEnumerable<object?[]>> take) => Ask(connection =>
    {
        PrepareReport(connection);
        using var command = Command(connection, ReportText(sql), [.. parameters.Select(pair => (pair.Key, pair.Value))]);
        using var rows = command.ExecuteReader();
        var columns = TableReader.Columns(rows);
        take(columns, TableReader.Rows(rows, columns));
        return 0;
    });

    /// <summary>Runs one statement outside of any transaction, for tests that damage or prepare a database.</summary>
    internal void Execute(string sql) => Ask(connection => connection.Execute(sql));

    public virtual void Dispose() => EndReading();

    /// <summary>The schema steps of this engine.</summary>
    protected abstract IReadOnlyList<Migration> Steps { get; }

    protected abstract ViewDialect Views { get; }

    /// <summary>Gives the statements that follow on the connection the memory that reports need.</summary>
    protected abstract void PrepareReport(DbConnection connection);

    /// <summary>A report's text as it is run; its answer is the only one.</summary>
    protected virtual string ReportText(string sql) => sql;

    /// <summary>One moment for all statements of a transaction.</summary>
    protected abstract IsolationLevel SnapshotIsolation { get; }

    /// <summary>Portable SQL as this engine wants it.</summary>
    protected abstract string Dialect(string sql);

    /// <summary>The connection, open.</summary>
    protected abstract DbConnection Connection();

    /// <summary>Held around every transaction that writes.</summary>
    protected abstract IDisposable EnterWrite();

    /// <summary>Waits until no other process is migrating, up to the end of the transaction.</summary>
    protected abstract void LockSchema(DbConnection connection, DbTransaction transaction);

    /// <summary>What must stand before a transaction appends facts of these days.</summary>
    protected virtual void PrepareDays(DbConnection connection, IReadOnlyList<Fact> facts) { }

    /// <summary>Holds off erasure, retention and replay until the end of the transaction; appends do not hold off each other.</summary>
    protected abstract void EnterAppend(DbConnection connection, DbTransaction transaction);

    /// <summary>Waits until no append is under way, and holds off new ones until the end of the transaction.</summary>
    protected abstract void HoldAppends(DbConnection connection, DbTransaction transaction);

    /// <summary>Begins a transaction that reads as of one moment at which no append is under way.</summary>
    /// <returns>The transaction, and the number of a batch: later ones are not in what it reads, earlier ones are.</returns>
    protected abstract (DbTransaction Transaction, long Batch) BeginSettledRead(DbConnection connection);

    /// <summary>Removes the impressions and interactions of days before <paramref name="day"/>, with what was shown.</summary>
    protected abstract void DropDays(DbConnection connection, DbTransaction transaction, DateOnly day);

    /// <summary>Appends those of <paramref name="facts"/> whose key is not stored to <c>fact</c> and returns them.</summary>
    protected abstract List<Fact> AppendFresh(DbConnection connection, DbTransaction transaction, List<KeyedFact> facts, long batch);

    /// <summary>Told when what <see cref="AppendFresh"/> appended is committed, by who still has the turn to write.</summary>
    protected virtual void Appended() { }

    /// <summary>Told when a transaction failed, or changed facts otherwise than by appending.</summary>
    protected virtual void Changed() { }

    /// <summary>A bulk load into a table or a stage (a temporary table, empty at the start of a transaction).</summary>
    protected abstract BulkWriter Bulk(DbConnection connection, string table, string columns);

    /// <summary>Whether this connection has made its stages.</summary>
    protected bool HasStages { get; set; }

    /// <summary>Empties a stage, making it first where it is not there.</summary>
    protected abstract void Clear(DbConnection connection, DbTransaction transaction, string stage);

    /// <summary>A failure that may pass: the connection, not the data.</summary>
    protected abstract bool IsUnavailable(DbException fault);

    /// <summary>Rows as they come, without holding the whole answer.</summary>
    protected virtual void MakeStreaming(DbCommand command) { }

    protected abstract float[] ReadVector(DbDataReader rows, int column);

    protected abstract byte[] ReadBytes(DbDataReader rows, int column);

    protected DbCommand Command(DbConnection connection, string sql, params (string Name, object Value)[] parameters)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // the text is this assembly's own; every value is a parameter
        command.CommandText = Dialect(sql);
#pragma warning restore CA2100
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.Value = value;
            command.Parameters.Add(parameter);
        }
        return command;
    }

    private long Load<T>(DbConnection connection, DbTransaction transaction, string table, string columns, IEnumerable<T> values, Action<BulkWriter, T> write)
    {
        if (table.EndsWith("_stage", StringComparison.Ordinal)) Clear(connection, transaction, table);
        using var rows = Bulk(connection, table, columns);
        var count = 0L;
        foreach (var value in values)
        {
            rows.StartRow();
            write(rows, value);
            rows.EndRow();
            count++;
        }
        rows.Complete();
        return count;
    }

    private IEnumerable<Fact> Stream(DbConnection connection, OpenRead reading, string query, (string Name, object Value) bound)
    {
        if (!ReferenceEquals(reading, _reading))
            throw new InvalidOperationException("the facts of a snapshot are read once, before the next call on the store");
        try
        {
            using var command = Command(connection, query, bound);
            MakeStreaming(command);
            using var rows = command.ExecuteReader();
            foreach (var fact in FactReader.Read(rows)) yield return fact;
        }
        finally
        {
            if (ReferenceEquals(reading, _reading)) EndReading();
        }
    }

    private T Write<T>(Func<DbConnection, DbTransaction, T> work, Action<T>? committed = null) => Ask(connection =>
    {
        using var turn = EnterWrite();
        using var transaction = connection.BeginTransaction();
        try
        {
            var result = work(connection, transaction);
            transaction.Commit();
            committed?.Invoke(result); // while it is still this writer's turn
            return result;
        }
        catch
        {
            HasStages = false; // made in this transaction, they went with it
            Changed();
            throw;
        }
    });

    private T Ask<T>(Func<DbConnection, T> work)
    {
        EndReading();
        try
        {
            return work(Connection());
        }
        catch (DbException fault) when (IsUnavailable(fault))
        {
            throw new StoreUnavailableException($"{Name} did not finish: {fault.Message.ReplaceLineEndings(" ")}", fault);
        }
    }

    private void EndReading()
    {
        _reading?.Transaction.Dispose();
        _reading = null;
    }

    /// <summary>A snapshot whose facts have not been read to their end.</summary>
    private sealed record OpenRead(DbTransaction Transaction);
}
