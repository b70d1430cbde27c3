using System.Collections.Concurrent;
using System.Data;
using System.Data.Common;
using Dapper;
using Npgsql;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Storage.Facts;
using Recs.Storage.Migrations;
using Recs.Storage.Sql;

namespace Recs.Storage.Postgres;

/// <summary>The store in PostgreSQL 15 or newer, one connection an instance. A lost connection is opened again by the next call.</summary>
internal sealed partial class PostgresEventStore : SqlStore
{
    /// <summary>"recs" in ASCII: the advisory lock that one migrating process holds.</summary>
    private const long SchemaLock = 0x72656373;

    /// <summary>The advisory lock that appends share, and that erasure, retention and replay take alone.</summary>
    private const long AppendLock = SchemaLock + 1;

    /// <summary>For each sort and hash table: the usual 4 MB make every report over a month go to disk.</summary>
    private const string ReportMemory = "work_mem = '64MB'";

    /// <summary>
    /// A worker that stands still within a transaction (a stopped process, a machine that sleeps) would hold its locks until it goes on: others could neither start nor
    /// take over its partitions. The server ends such a transaction after a while; nothing of it is written, and its worker is fenced when it goes on.
    /// </summary>
    private const string EndWhenIdle = "set local idle_in_transaction_session_timeout = '10s'";

    /// <summary>
    /// Keys are inserted in one order by every worker, so that two that bring the same resends wait and never deadlock.
    /// The index decides what is new, also between workers that commit at the same time.
    /// </summary>
    private const string InsertFresh = $"""
        with fresh as (
          insert into fact ({FactColumns.Fact})
          select {FactColumns.Fact} from fact_stage order by day, event_id
          on conflict (day, event_id) do nothing
          returning day, event_id
        )
        select s.number from fresh join fact_stage s on s.day = fresh.day and s.event_id = fresh.event_id order by s.number
        """;

    /// <summary>The places, from 1, of the keys that are stored.</summary>
    private const string Stored = """
        select k.place from unnest($1, $2) with ordinality k (day, event_id, place)
        where exists (select 1 from fact f where f.day = k.day and f.event_id = k.event_id collate "C")
        """;

    /// <summary>So long resends are expected after one was met.</summary>
    private const int BatchesLookedUp = 100;

    private static readonly ConcurrentDictionary<string, string> Translated = new(StringComparer.Ordinal);

    private readonly PostgresUrl _url;
    private readonly HashSet<DateOnly> _days = [];
    private int _lookUps;
    private NpgsqlConnection _connection;

    /// <exception cref="RefusedException">The server does not answer, or refuses the user or the database.</exception>
    public PostgresEventStore(PostgresUrl url)
    {
        _url = url;
        _connection = Connect();
    }

    public override string Name => _url.Name;

    protected override IReadOnlyList<Migration> Steps { get; } = Migration.In("sql/schema", "sql/postgres/schema");

    /// <summary>Views named in one statement are dropped in an order that their dependencies allow.</summary>
    protected override ViewDialect Views { get; } = new(names => $"drop view if exists {string.Join(", ", names)}", ViewComments.Sql);

    protected override IsolationLevel SnapshotIsolation => IsolationLevel.RepeatableRead;

    public override void Dispose()
    {
        base.Dispose();
        _connection.Dispose();
    }

    protected override string VectorHash => "hash_array_extended(vector, hashtextextended(item_id, 0))";

    protected override string Dialect(string sql) => Translated.GetOrAdd(sql, SqlText.WithAtSigns);

    protected override DbConnection Connection()
    {
        if (_connection.State == ConnectionState.Open) return _connection;
        _connection.Dispose();
        HasStages = false;
        try
        {
            _connection = Connect();
            return _connection;
        }
        catch (RefusedException lost) // at the first opening a mistake of the operator, now a server that went away
        {
            throw new StoreUnavailableException(lost.Message, lost);
        }
    }

    protected override IDisposable EnterWrite() => NoTurn.Instance;

    protected override void LockSchema(DbConnection connection, DbTransaction transaction) =>
        connection.Execute($"{EndWhenIdle}; select pg_advisory_xact_lock({SchemaLock})", transaction: transaction);

    protected override void EnterAppend(DbConnection connection, DbTransaction transaction) =>
        connection.Execute($"{EndWhenIdle}; select pg_advisory_xact_lock_shared({AppendLock})", transaction: transaction);

    protected override void HoldAppends(DbConnection connection, DbTransaction transaction) =>
        connection.Execute($"select pg_advisory_xact_lock({AppendLock})", transaction: transaction);

    // Until the connection goes back to the pool, which resets it.
    protected override void PrepareReport(DbConnection connection) => connection.Execute($"set {ReportMemory}");

    /// <summary>
    /// Reports meet most rows of what they join, and the planner, which takes the columns of a key for independent, expects one row and looks each up: over a week of 20 million shown rows that was
    /// minutes for a second. Where only such a join is possible it counts ten billion, for which the server would compile the statement first: seconds, for nothing. Only for this statement: what is written in the same session looks single rows up. A failure takes the setting back with it.
    /// </summary>
    protected override string ReportText(string sql) => $"set enable_nestloop = off; set jit = off;\n{sql}\n;\nreset enable_nestloop; reset jit";

    protected override (DbTransaction Transaction, long Batch) BeginSettledRead(DbConnection connection)
    {
        // The lock must be had before the transaction takes its snapshot, so it is the session's; appends wait for a moment only.
        connection.Execute($"select pg_advisory_lock({AppendLock})");
        try
        {
            var batch = connection.QuerySingle<long>("select nextval('fact_batch')");
            var transaction = connection.BeginTransaction(SnapshotIsolation);
            connection.QuerySingle<long>(StoreSql.Epoch, transaction: transaction); // takes the snapshot
            return (transaction, batch);
        }
        finally
        {
            connection.Execute($"select pg_advisory_unlock({AppendLock})");
        }
    }

    /// <summary>Whole partitions go, with those of the marts to follow; the items and users of their days are put back.</summary>
    protected override void DropDays(DbConnection connection, DbTransaction transaction, DateOnly day)
    {
        using var command = Command(connection, "select take_days_alone(); select drop_fact_days($day)", ("day", day));
        command.Transaction = transaction;
        command.ExecuteNonQuery();
    }

    /// <summary>Partitions are made in a transaction of their own, so that the lock on the table is held for a moment only.</summary>
    protected override void PrepareDays(DbConnection connection, IReadOnlyList<Fact> facts)
    {
        var missing = Days(facts).Select(day => SqlTime.DayOf(Timestamp.OfDay(day))).Where(day => !_days.Contains(day)).ToArray();
        if (missing.Length == 0) return;
        using var transaction = _connection.BeginTransaction();
        LockSchema(_connection, transaction);
        using (var command = new NpgsqlCommand("select ensure_fact_day(day) from unnest($1) day", _connection, transaction) { Parameters = { new() { Value = missing } } })
            command.ExecuteNonQuery();
        transaction.Commit();
        _days.UnionWith(missing);
    }

    /// <summary>
    /// Most batches bring no resend, so they are copied straight into the table; the index refuses the whole copy when one was there. Then the batch goes
    /// through a stage, and for a while the keys of each batch are looked up first.
    /// </summary>
    protected override List<Fact> AppendFresh(DbConnection connection, DbTransaction transaction, List<KeyedFact> admitted, long batch)
    {
        var facts = admitted.ConvertAll(keyed => keyed.Fact);
        // In the order of the index: quicker to enter, and two workers that bring the same resends wait for each other and do not go in circles.
        facts.Sort((a, b) => a.Event.Time.DayIndex.CompareTo(b.Event.Time.DayIndex) is var order && order != 0 ? order : string.CompareOrdinal(a.Event.Id.Value, b.Event.Id.Value));
        if (_lookUps > 0)
        {
            _lookUps--;
            facts = NotStored(transaction, facts);
        }
        connection.Execute("savepoint before_facts", transaction: transaction);
        try
        {
            LoadFacts(connection, facts, batch);
            return facts;
        }
        catch (PostgresException resend) when (resend.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            connection.Execute("rollback to savepoint before_facts", transaction: transaction);
            _lookUps = BatchesLookedUp;
        }
        return AppendThroughStage(connection, transaction, facts, batch);
    }

    private static SortedSet<int> Days(IReadOnlyList<Fact> facts)
    {
        var (days, last) = (new SortedSet<int>(), int.MinValue);
        foreach (var fact in facts)
        {
            if (fact.Event.Time.DayIndex is var day && day == last) continue;
            days.Add(last = day);
        }
        return days;
    }

    private List<Fact> NotStored(DbTransaction transaction, List<Fact> facts)
    {
        using var command = new NpgsqlCommand(Stored, _connection, (NpgsqlTransaction)transaction)
        {
            Parameters =
            {
                new() { Value = facts.ConvertAll(fact => SqlTime.DayOf(fact.Event.Time)) },
                new() { Value = facts.ConvertAll(fact => fact.Event.Id.Value) },
            },
        };
        var stored = new HashSet<long>();
        using (var rows = command.ExecuteReader())
            while (rows.Read()) stored.Add(rows.GetInt64(0));
        return stored.Count == 0 ? facts : [.. facts.Where((_, number) => !stored.Contains(number + 1))];
    }

    private List<Fact> AppendThroughStage(DbConnection connection, DbTransaction transaction, List<Fact> facts, long batch)
    {
        Clear(connection, transaction, "fact_stage");
        using (var rows = Bulk(connection, "fact_stage", $"{FactColumns.Fact}, number"))
        {
            for (var number = 0; number < facts.Count; number++)
            {
                rows.StartRow();
                FactColumns.WriteFact(rows, facts[number], batch);
                rows.Integer(number);
                rows.EndRow();
            }
            rows.Complete();
        }
        return [.. connection.Query<int>(InsertFresh, transaction: transaction).Select(number => facts[number])];
    }

    protected override BulkWriter Bulk(DbConnection connection, string table, string columns) =>
        new PostgresBulkWriter(_connection.BeginBinaryImport($"copy {table} ({columns}) from stdin (format binary)"));

    protected override void Clear(DbConnection connection, DbTransaction transaction, string stage)
    {
        if (!HasStages)
            connection.Execute($"""
                create temp table if not exists fact_stage (like fact, number integer);
                create temp table if not exists dead_letter_stage (like dead_letter);
                create temp table if not exists late_event_stage (like late_event);
                create temp table if not exists item_embedding_stage (like item_embedding);
                """, transaction: transaction);
        HasStages = true;
        connection.Execute($"truncate {stage}", transaction: transaction);
    }

    protected override bool IsUnavailable(DbException fault) => fault is NpgsqlException { IsTransient: true } || _connection.State != ConnectionState.Open;

    protected override float[] ReadVector(DbDataReader rows, int column) => rows.GetFieldValue<float[]>(column);

    protected override byte[] ReadBytes(DbDataReader rows, int column) => rows.GetFieldValue<byte[]>(column);

    private NpgsqlConnection Connect()
    {
        var connection = new NpgsqlConnection(_url.ConnectionString);
        try
        {
            connection.Open();
            return connection;
        }
        catch (Exception fault) when (fault is NpgsqlException or TimeoutException)
        {
            connection.Dispose();
            throw new RefusedException($"cannot open {_url.Name}: {fault.Message.ReplaceLineEndings(" ")}; check the URL and that the server runs", fault);
        }
    }

    /// <summary>PostgreSQL's writers need no turn: rows and indexes hold them apart.</summary>
    private sealed class NoTurn : IDisposable
    {
        public static readonly NoTurn Instance = new();

        public void Dispose() { }
    }
}
