using System.Data.Common;
using Dapper;
using Recs.Storage.Facts;

namespace Recs.Storage.Sql;

// Folded states beside the facts.
internal abstract partial class SqlStore
{
    /// <summary>A row of a state's bytes: far below what either engine takes in one value.</summary>
    private const int PartBytes = 4 << 20;

    public FactsSince ReadSince(long batch) => ReadSettled((_, _) => null, batch);

    public FactsSince ReadState(string? layout) => ReadSettled((connection, transaction) =>
        (layout is null ? null : FindState(connection, transaction, StateKind.Snapshot) is { } snapshot && snapshot.Layout == layout ? snapshot : null)
        ?? FindState(connection, transaction, StateKind.Base), 0);

    private FactsSince ReadSettled(Func<DbConnection, DbTransaction, StoredState?> findStart, long batch) => Ask(connection =>
    {
        var (transaction, settled) = BeginSettledRead(connection);
        _reading = new(transaction);
        var epoch = connection.QuerySingle<long>(StoreSql.Epoch, transaction: transaction);
        var offsets = connection.Query<(string Group, string Topic, int Part, long Next)>("select grp, topic, part, next_offset from stream_offset", transaction: transaction)
            .ToDictionary(row => new GroupPartition(row.Group, new StreamPartition(row.Topic, row.Part)), row => row.Next);
        var start = findStart(connection, transaction);
        return new FactsSince(settled, epoch, offsets, Stream(connection, _reading, FactReader.Since, ("batch", start?.Batch ?? batch))) { Start = start };
    });

    public StoredState? FindState(StateKind kind) => Ask(connection => FindState(connection, null, kind));

    public void SaveState(StoredState state) => Write((connection, transaction) =>
    {
        HoldAppends(connection, transaction);
        var epoch = connection.QuerySingle<long>(StoreSql.Epoch, transaction: transaction);
        if (epoch != state.Epoch) throw new FencedException($"facts have left {Name} since batch {state.Batch} was read (epoch {epoch}, the state has {state.Epoch}); fold the facts anew");
        KeepState(connection, transaction, state);
        return 0;
    });

    private StoredState? FindState(DbConnection connection, DbTransaction? transaction, StateKind kind)
    {
        var row = connection.QueryFirstOrDefault<StateRow>(Dialect(StoreSql.States), new { kind = (short)kind }, transaction);
        // A snapshot of an earlier build is none: it is made anew. A base holds no offsets.
        if (row is null || StateJson.Read(row.Offsets) is not { } offsets) return null;
        using var bytes = new MemoryStream();
        using (var command = Command(connection, "select bytes from state_snapshot_part where snapshot = $id order by ordinal", ("id", row.Id)))
        {
            command.Transaction = transaction;
            using var parts = command.ExecuteReader();
            while (parts.Read()) bytes.Write(ReadBytes(parts, 0));
        }
        return new StoredState(kind, row.Batch, row.Epoch, row.Layout, SqlTime.From(row.MadeAt), row.Facts, offsets, bytes.ToArray());
    }

    /// <summary>In place of the older states of its kind.</summary>
    private void KeepState(DbConnection connection, DbTransaction transaction, StoredState state)
    {
        DropStates(connection, transaction, state.Kind);
        connection.Execute(Dialect(StoreSql.KeepState), new
        {
            kind = (short)state.Kind,
            batch = state.Batch,
            epoch = state.Epoch,
            layout = state.Layout,
            made = SqlTime.Of(state.Made),
            facts = state.Facts,
            offsets = StateJson.Write(state.Offsets),
        }, transaction);
        var id = connection.QuerySingle<long>("select max(id) from state_snapshot", transaction: transaction);
        using var rows = Bulk(connection, "state_snapshot_part", "snapshot, ordinal, bytes");
        for (var (at, ordinal) = (0, 0); at < state.Bytes.Length; at += PartBytes, ordinal++)
        {
            rows.StartRow();
            rows.Long(id);
            rows.Integer(ordinal);
            rows.Bytes(state.Bytes[at..Math.Min(state.Bytes.Length, at + PartBytes)]);
            rows.EndRow();
        }
        rows.Complete();
    }

    private void DropStates(DbConnection connection, DbTransaction transaction, StateKind kind)
    {
        connection.Execute(Dialect("delete from state_snapshot_part where snapshot in (select id from state_snapshot where kind = $kind)"), new { kind = (short)kind }, transaction);
        connection.Execute(Dialect("delete from state_snapshot where kind = $kind"), new { kind = (short)kind }, transaction);
    }

    /// <summary>Facts leave in this transaction: folds made before it hold what is gone.</summary>
    private static long NextEpoch(DbConnection connection, DbTransaction transaction)
    {
        connection.Execute("update fact_retention set epoch = epoch + 1 where one = 1", transaction: transaction);
        return connection.QuerySingle<long>(StoreSql.Epoch, transaction: transaction);
    }

    private sealed record StateRow
    {
        public long Id { get; init; }

        public long Batch { get; init; }

        public long Epoch { get; init; }

        public string Layout { get; init; } = "";

        public DateTime MadeAt { get; init; }

        public long Facts { get; init; }

        public string Offsets { get; init; } = "{}";
    }
}
