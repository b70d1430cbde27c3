using System.Data.Common;
using Dapper;
using Recs.Storage.Marts;

namespace Recs.Storage.Sql;

// Marts kept as tables. Which days are due is written down first, with the batch up to which that was found out; then the days are made, chunk by chunk, each chunk
// in one transaction with its mark. So a job that is ended leaves whole days, and the next one goes on.
internal abstract partial class SqlStore
{
    /// <summary>Days of one transaction at most: a chunk also reads the window before and after it, and appends that need a lock alone wait for it.</summary>
    private const int ChunkDays = 14;

    public IReadOnlyList<MartRefresh> RefreshMarts(bool rebuild = false, CancellationToken cancel = default)
    {
        var rebuilt = MarkDue(rebuild);
        var done = new List<MartRefresh>();
        foreach (var mart in TableMart.All)
        {
            var (days, rows) = (0L, 0L);
            while (true)
            {
                cancel.ThrowIfCancellationRequested();
                var (madeDays, madeRows) = MakeChunk(mart);
                if (madeDays == 0) break;
                (days, rows) = (days + madeDays, rows + madeRows);
            }
            if (days > 0) Ask(connection =>
            {
                MartMade(connection, mart.Name);
                return 0;
            });
            done.Add(new(mart.Name, rebuilt.Contains(mart.Name), days, rows));
        }
        return done;
    }

    /// <summary>Waits until no other process makes marts, up to the end of the transaction.</summary>
    protected abstract void LockMarts(DbConnection connection, DbTransaction transaction);

    /// <summary>Tells the engine that a mart has changed by whole days.</summary>
    protected abstract void MartMade(DbConnection connection, string mart);

    /// <summary>Told before the days are looked for that facts of the batches after <paramref name="after"/>, up to <paramref name="upto"/>, have changed.</summary>
    protected virtual void PrepareDue(DbConnection connection, DbTransaction transaction, long after, long upto) { }

    /// <summary>How many of the days due, at least one of the first ones, are made in one transaction.</summary>
    protected virtual int DaysAtOnce(DbConnection connection, DbTransaction transaction, IReadOnlyList<DateOnly> due) => due.Count;

    /// <summary>Makes the days of a mart hold what its facts say.</summary>
    /// <returns>Rows of these days.</returns>
    protected virtual long Remake(DbConnection connection, DbTransaction transaction, TableMart mart, DateOnly from, DateOnly to, int window)
    {
        Run(connection, transaction, $"delete from {mart.Name} where day between $from and $to", ("from", from), ("to", to));
        return Run(connection, transaction, $"insert into {mart.Name} ({string.Join(", ", Columns(connection, transaction, mart))})\n{mart.Select}", ("from", from), ("to", to), ("window", window));
    }

    /// <summary>Removes the days of a mart before <paramref name="day"/>.</summary>
    protected virtual void DropMartDays(DbConnection connection, DbTransaction transaction, TableMart mart, DateOnly day) =>
        Run(connection, transaction, $"delete from {mart.Name} where day < $day", ("day", day));

    /// <summary>Writes down the days that have to be made again.</summary>
    /// <returns>The marts of which that is every day.</returns>
    private HashSet<string> MarkDue(bool rebuild) => Ask(connection =>
    {
        using var turn = EnterWrite();
        PrepareReport(connection); // it reads the days of all facts
        var (transaction, settled) = BeginSettledRead(connection);
        using var ended = transaction;
        var epoch = connection.QuerySingle<long>(StoreSql.Epoch, transaction: transaction);
        var window = MartWindow(connection, transaction);
        HashSet<string> whole = [];
        foreach (var mart in TableMart.All)
        {
            var stands = connection.QueryFirstOrDefault<MartState>(Dialect("select batch, epoch, window_days as WindowDays, checksum from mart_state where mart = $mart"),
                new { mart = mart.Name }, transaction);
            if (rebuild || stands is null || stands.Epoch != epoch || stands.WindowDays != window || stands.Checksum != mart.Checksum)
            {
                whole.Add(mart.Name);
                Run(connection, transaction, MarkSql($"select day from fact union select day from {mart.Name}"), ("mart", mart.Name));
            }
            else
            {
                PrepareDue(connection, transaction, stands.Batch, settled);
                Run(connection, transaction, MarkSql(mart.Due), ("mart", mart.Name), ("after", stands.Batch), ("upto", settled), ("window", window));
            }
            Run(connection, transaction, """
                insert into mart_state (mart, batch, epoch, window_days, checksum) values ($mart, $batch, $epoch, $window, $checksum)
                on conflict (mart) do update set batch = excluded.batch, epoch = excluded.epoch, window_days = excluded.window_days, checksum = excluded.checksum
                """, ("mart", mart.Name), ("batch", settled), ("epoch", epoch), ("window", window), ("checksum", mart.Checksum));
        }
        transaction.Commit();
        return whole;
    });

    /// <summary>Makes the first days that are due, as many as lie beside each other.</summary>
    /// <returns>Days made, none where none is due, and the rows they have now.</returns>
    private (long Days, long Rows) MakeChunk(TableMart mart) => Write((connection, transaction) =>
    {
        LockMarts(connection, transaction);
        EnterAppend(connection, transaction); // whom erasure removes meanwhile is not put back
        var due = new List<DateOnly>();
        using (var command = Command(connection, $"select day from mart_due where mart = $mart order by day limit {ChunkDays}", ("mart", mart.Name)))
        {
            command.Transaction = transaction;
            using var rows = command.ExecuteReader();
            while (rows.Read()) due.Add(rows.GetFieldValue<DateOnly>(0));
        }
        if (due.Count == 0) return (0L, 0L);
        if (due.Count > 1) due = due[..DaysAtOnce(connection, transaction, due)];
        var (from, to) = (due[0], due[0]);
        while (due.Contains(to.AddDays(1))) to = to.AddDays(1);
        var made = Remake(connection, transaction, mart, from, to, MartWindow(connection, transaction));
        Run(connection, transaction, "delete from mart_due where mart = $mart and day between $from and $to", ("mart", mart.Name), ("from", from), ("to", to));
        return (to.DayNumber - from.DayNumber + 1L, made);
    });

    /// <summary>The mart's own order of columns: the table may have been altered since.</summary>
    protected IReadOnlyList<string> Columns(DbConnection connection, DbTransaction transaction, TableMart mart)
    {
        using var command = Command(connection, $"select * from (\n{mart.Select}\n) made limit 0", ("from", DateOnly.MinValue.AddYears(1)), ("to", DateOnly.MinValue.AddYears(1)), ("window", 1));
        command.Transaction = transaction;
        using var rows = command.ExecuteReader();
        return [.. Enumerable.Range(0, rows.FieldCount).Select(rows.GetName)];
    }

    /// <summary>A person's rows go with the person, and no mart has to look for more.</summary>
    private void EraseFromMarts(DbConnection connection, DbTransaction transaction, string user, long epoch, SortedDictionary<string, long> touched)
    {
        foreach (var mart in TableMart.All)
            touched[mart.Name] = Run(connection, transaction, $"delete from {mart.Name} where user_id = $id", ("id", user));
        FollowEpoch(connection, transaction, epoch);
    }

    /// <summary>Days go with their facts; the first ones that stay have lost what came before them.</summary>
    private void DropFromMarts(DbConnection connection, DbTransaction transaction, DateOnly day, long epoch)
    {
        foreach (var mart in TableMart.All)
        {
            DropMartDays(connection, transaction, mart, day);
            Run(connection, transaction, MarkSql($"select day from {mart.Name} where day between cast($day as date) and cast($day as date) + cast($window as integer)"),
                ("mart", mart.Name), ("day", day), ("window", MartWindow(connection, transaction)));
        }
        FollowEpoch(connection, transaction, epoch);
    }

    /// <summary>What left with this epoch has left the marts too; marts of an epoch before that are made anew.</summary>
    private void FollowEpoch(DbConnection connection, DbTransaction transaction, long epoch) =>
        Run(connection, transaction, "update mart_state set epoch = $epoch where epoch = $before", ("epoch", epoch), ("before", epoch - 1));

    private static string MarkSql(string days) => $"""
        insert into mart_due (mart, day) select distinct cast($mart as text), day from (
        {days}
        ) due on conflict do nothing
        """;

    private static int MartWindow(DbConnection connection, DbTransaction transaction) =>
        connection.QuerySingle<int>("select window_days from mart_setting where one = 1", transaction: transaction);

    protected int Run(DbConnection connection, DbTransaction transaction, string sql, params (string Name, object Value)[] parameters)
    {
        using var command = Command(connection, sql, parameters);
        command.Transaction = transaction;
        command.CommandTimeout = 0; // a large day takes what it takes
        return command.ExecuteNonQuery();
    }

    private sealed record MartState
    {
        public long Batch { get; init; }

        public long Epoch { get; init; }

        public int WindowDays { get; init; }

        public string Checksum { get; init; } = "";
    }
}
