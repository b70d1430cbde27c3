using System.Data.Common;
using Dapper;
using Recs.Storage.Marts;

namespace Recs.Storage.Postgres;

// Marts here are partitioned by day. A day is made beside its table. The first time it becomes that table; after that only the rows that differ are written. Either happens in one
// transaction with the day's mark, under locks that no reader waits for: readers see the day as it was or as it is, and a late click leaves no second copy of the day for vacuum.
internal sealed partial class PostgresEventStore
{
    /// <summary>The advisory lock of the one process that makes marts.</summary>
    private const long MartLock = SchemaLock + 2;

    /// <summary>
    /// Making days is bulk work: every join meets most rows of both sides. The planner takes keys of two columns for independent, expects a thousandth of the rows there are, and would look
    /// them up one by one, which took hours where hashing takes seconds. Elsewhere it expects a hundred times what comes, and would rather sort both sides of a join than hash one:
    /// of a day with 663,000 rows that was a fifth to a third of the time. Such estimates, and what a forbidden join counts where no other is possible, would have each statement compiled first.
    /// </summary>
    private const string MartPlans = "set local work_mem = '256MB'; set local enable_nestloop = off; set local enable_mergejoin = off; set local jit = off";

    /// <summary>From so many new facts on the days that they change are looked for with <see cref="MartPlans"/> too: a few facts are looked up in 0.1 s, a day of 333,000 was not in five minutes, and hashed it is in 2 s.</summary>
    private const int BulkFacts = 10_000;

    /// <summary>Where the days of a transaction are made.</summary>
    private const string Stage = "mart_stage";

    /// <summary>
    /// Shown rows that one transaction makes days of, as their tables take bytes: some 600,000 rows. What is sorted and hashed for them fits into the memory of <see cref="MartPlans"/>;
    /// small days share what a transaction costs.
    /// </summary>
    private const long ShownBytesAtOnce = 64 << 20;

    /// <summary>From what part of a day's rows on its statistics are taken anew.</summary>
    private const double ChangedMuch = 0.1;

    protected override void LockMarts(DbConnection connection, DbTransaction transaction) =>
        connection.Execute($"{MartPlans}; select pg_advisory_xact_lock({MartLock})", transaction: transaction);

    protected override void PrepareDue(DbConnection connection, DbTransaction transaction, long after, long upto)
    {
        using var count = Command(connection, $"select count(*) from (select from fact where batch > $after and batch <= $upto limit {BulkFacts}) fresh", ("after", after), ("upto", upto));
        count.Transaction = transaction;
        if ((long)count.ExecuteScalar()! >= BulkFacts) connection.Execute(MartPlans, transaction: transaction);
    }

    protected override int DaysAtOnce(DbConnection connection, DbTransaction transaction, IReadOnlyList<DateOnly> due)
    {
        using var command = Command(connection, """
            select cast(count(*) as integer) from (
              select sum(coalesce(pg_relation_size(to_regclass('fact_shown_' || to_char(day, 'YYYYMMDD'))), 0)) over (order by day) as bytes from unnest($days) day
            ) sizes
            where bytes <= $most
            """, ("days", due.ToArray()), ("most", ShownBytesAtOnce));
        command.Transaction = transaction;
        return Math.Max(1, (int)command.ExecuteScalar()!);
    }

    protected override long Remake(DbConnection connection, DbTransaction transaction, TableMart mart, DateOnly from, DateOnly to, int window)
    {
        (string, object)[] days = [("from", from), ("to", to)];
        var columns = Columns(connection, transaction, mart);
        var listed = string.Join(", ", columns);
        var sameKey = string.Join(" and ", mart.Key.Select(column => $"n.{column} = m.{column}"));
        connection.Execute($"create temp table {Stage} (like {mart.Name}) on commit drop", transaction: transaction);
        var made = Run(connection, transaction, $"insert into {Stage} ({listed})\n{mart.Select}", [.. days, ("window", window)]);
        var loaded = Ask($"select cast(coalesce(sum(load_mart_day($mart, $stage, day)), 0) as bigint) from (select distinct day from {Stage}) made", ("mart", mart.Name), ("stage", Stage));
        var written = loaded;
        if (loaded < made || Held() > made)
        {
            written += Run(connection, transaction, $"""
                delete from {mart.Name} m
                where m.day between $from and $to
                  and not exists (select from {Stage} n where {sameKey} and ({Of("n")}) is not distinct from ({Of("m")}))
                """, days);
            written += Run(connection, transaction, $"""
                insert into {mart.Name} ({listed})
                select {listed} from {Stage} n
                where not exists (select from {mart.Name} m where m.day between $from and $to and {sameKey})
                """, days);
            if (Held() != made)
            {
                // Facts of a damaged store may hold a key twice, and then rows are not told apart by it.
                Run(connection, transaction, $"delete from {mart.Name} where day between $from and $to", days);
                written = Run(connection, transaction, $"insert into {mart.Name} ({listed}) select {listed} from {Stage}", days);
            }
        }
        if (written > made * ChangedMuch) Analyse(connection, transaction, mart, days);
        return made;

        string Of(string table) => string.Join(", ", columns.Select(column => $"{table}.{column}"));

        long Held() => Ask($"select count(*) from {mart.Name} where day between $from and $to", days);

        long Ask(string sql, params (string, object)[] parameters)
        {
            using var command = Command(connection, sql, parameters);
            command.Transaction = transaction;
            command.CommandTimeout = 0;
            return (long)command.ExecuteScalar()!;
        }
    }

    protected override void DropMartDays(DbConnection connection, DbTransaction transaction, TableMart mart, DateOnly day) =>
        Run(connection, transaction, "select drop_mart_days($mart, $day)", ("mart", mart.Name), ("day", day));

    /// <summary>
    /// What the planner knows of all days together it takes from the whole mart, which nobody else analyses, and which takes a pass over a part of every day: only when the mart has grown by a fifth.
    /// </summary>
    protected override void MartMade(DbConnection connection, string mart)
    {
        using var grown = Command(connection, """
            select coalesce(sum(greatest(part.reltuples, 0)) > 1.2 * max(greatest(whole.reltuples, 0)), false)
            from pg_inherits
            join pg_class whole on whole.oid = inhparent
            join pg_class part on part.oid = inhrelid
            where whole.oid = to_regclass($mart)
            """, ("mart", mart));
        if ((bool)grown.ExecuteScalar()!) connection.Execute($"analyze {mart}", commandTimeout: 0);
    }

    private void Analyse(DbConnection connection, DbTransaction transaction, TableMart mart, (string, object)[] days)
    {
        using var command = Command(connection, $"select string_agg(cast(part as text), ', ') from (select distinct cast(tableoid as regclass) as part from {mart.Name} where day between $from and $to) parts", days);
        command.Transaction = transaction;
        if (command.ExecuteScalar() is string parts) connection.Execute($"analyze {parts}", transaction: transaction, commandTimeout: 0);
    }
}
