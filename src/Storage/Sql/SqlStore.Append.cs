using System.Data.Common;
using Dapper;
using Recs.Domain.Events;
using Recs.Storage.Facts;

namespace Recs.Storage.Sql;

// The one transaction that everything hangs on: offsets, facts, dead letters, vectors.
internal abstract partial class SqlStore
{
    protected const string ItemTable = "fact_item", ShownTable = "fact_shown";
    private readonly ErasedUsers _erased = new();
    private readonly DistinctFacts _distinct = new();

    public AppendResult Append(AppendBatch batch)
    {
        ReadyDays(batch.Facts);
        return Write((connection, transaction) =>
        {
            EnterAppend(connection, transaction);
            OffsetMover.Move(connection, transaction, Dialect, batch.Offsets);
            var entry = batch.Facts.Count == 0 ? Entry.None : SortOut(connection, transaction, batch.Facts);
            KeepLate(connection, transaction, entry.Late);
            var fresh = entry.Admitted.Count == 0 ? [] : AppendFresh(connection, transaction, entry.Admitted, entry.Batch);
            AppendParts(connection, fresh);
            KeepDeadLetters(connection, transaction, batch.DeadLetters);
            Settle(connection, transaction, batch.Settled);
            ChangeEmbeddings(connection, transaction, batch.Embeddings);
            var duplicates = batch.Facts.Count - fresh.Count - entry.Late.Count - entry.Erased;
            if (fresh.Count < batch.Facts.Count)
            {
                var (topic, part) = batch.Offsets.Count > 0 ? batch.Offsets[0].Partition : new("", 0);
                connection.Execute(Dialect(StoreSql.CountOthers), new { topic, part, duplicates, late = entry.Late.Count, erased = entry.Erased }, transaction);
            }
            return new AppendResult(fresh.Count, duplicates) { Late = entry.Late.Count, Erased = entry.Erased, Batch = entry.Batch, Epoch = entry.Epoch, Fresh = fresh };
        }, _ => Appended());
    }

    private void ReadyDays(IReadOnlyList<Fact> facts)
    {
        if (facts.Count == 0) return;
        Ask(connection =>
        {
            PrepareDays(connection, facts);
            return 0;
        });
    }

    /// <summary>See <see cref="PlainLoad"/>.</summary>
    internal void LoadPlain(IReadOnlyList<Fact> facts)
    {
        ReadyDays(facts);
        Write((connection, _) =>
        {
            LoadFacts(connection, facts, batch: 0);
            AppendParts(connection, facts);
            return 0;
        }, _ => Changed());
    }

    /// <summary>See <see cref="PlainLoad"/>.</summary>
    internal void Empty() => Write((connection, transaction) =>
    {
        HoldAppends(connection, transaction);
        if (connection.QuerySingle<long>("select (select count(*) from dead_letter) + (select count(*) from score) + (select count(*) from item_embedding)", transaction: transaction) > 0)
            throw new InvalidOperationException($"{Name} holds dead letters, scores or vectors; only what a benchmark has filled is emptied");
        foreach (var table in new[] { "fact", ItemTable, ShownTable, "stream_offset", "ingest_counter", "state_snapshot", "state_snapshot_part" })
            connection.Execute($"delete from {table}", transaction: transaction);
        return NextEpoch(connection, transaction);
    }, _ => Changed());

    protected void LoadFacts(DbConnection connection, IReadOnlyList<Fact> facts, long batch)
    {
        using var rows = Bulk(connection, "fact", FactColumns.Fact);
        foreach (var fact in facts)
        {
            rows.StartRow();
            FactColumns.WriteFact(rows, fact, batch);
            rows.EndRow();
        }
        rows.Complete();
    }

    /// <summary>Numbers the batch, and sorts out resends within it, events that came too late, and those of erased users.</summary>
    private Entry SortOut(DbConnection connection, DbTransaction transaction, IReadOnlyList<Fact> facts)
    {
        var (number, firstDay, horizonDays, erasures, epoch) = connection.QuerySingle<(long, DateTime, int, long, long)>(StoreSql.EnterBatch, transaction: transaction);
        _erased.Refresh(erasures, () => connection.Query<string>(StoreSql.ErasedUsers, transaction: transaction));
        var (first, days) = (SqlTime.From(firstDay).DayIndex, (long)horizonDays);
        var distinct = _distinct.Of(facts);
        var refused = 0;
        // Erased is for the event to say, not for its copy: all copies within the batch count alike.
        if (_erased.Count > 0)
        {
            refused = facts.Count(fact => _erased.Holds(fact.Event));
            if (refused > 0) distinct.RemoveAll(keyed => _erased.Holds(keyed.Fact.Event));
        }
        var late = distinct.FindAll(IsLate).ConvertAll(keyed => keyed.Fact);
        if (late.Count > 0) distinct.RemoveAll(IsLate);
        return new Entry(number, epoch, distinct, late, refused);

        bool IsLate(KeyedFact keyed) => keyed.Day < first || keyed.Fact.Known.DayIndex - keyed.Day > days;
    }

    private void KeepLate(DbConnection connection, DbTransaction transaction, List<Fact> late)
    {
        if (late.Count == 0) return;
        Load(connection, transaction, "late_event_stage", StoreSql.LateEventColumns, late, ResultRows.Write);
        connection.Execute(StoreSql.KeepLateEvents, transaction: transaction);
    }

    private void AppendParts(DbConnection connection, IReadOnlyList<Fact> fresh)
    {
        AppendPart<ItemUpserted>(connection, ItemTable, FactColumns.FactItem, fresh, static (row, item) => FactColumns.WriteItem(row, item));
        AppendPart<Impression>(connection, ShownTable, FactColumns.FactShown, fresh, static (row, impression) => FactColumns.WriteShown(row, impression));
    }

    private void AppendPart<T>(DbConnection connection, string table, string columns, IReadOnlyList<Fact> fresh, Action<BulkWriter, T> write) where T : Event
    {
        BulkWriter? rows = null;
        try
        {
            foreach (var fact in fresh)
                if (fact.Event is T source) write(rows ??= Bulk(connection, table, columns), source);
            rows?.Complete();
        }
        finally
        {
            rows?.Dispose();
        }
    }

    /// <summary>A batch's number, the facts that may be appended, those that came too late, and how many are of erased users.</summary>
    private readonly record struct Entry(long Batch, long Epoch, List<KeyedFact> Admitted, List<Fact> Late, int Erased)
    {
        public static readonly Entry None = new(0, 0, [], [], 0);
    }
}
