using System.Data.Common;
using Dapper;
using Recs.Domain.Events;
using Recs.Storage.Facts;

namespace Recs.Storage.Sql;

// The one transaction that everything hangs on: offsets, facts, dead letters, vectors.
internal abstract partial class SqlStore
{
    private const string ItemTable = "fact_item", ShownTable = "fact_shown";
    private readonly ErasedUsers _erased = new();

    public AppendResult Append(AppendBatch batch)
    {
        if (batch.Facts.Count > 0)
            Ask(connection =>
            {
                PrepareDays(connection, batch.Facts);
                return 0;
            });
        return Write((connection, transaction) =>
        {
            EnterAppend(connection, transaction);
            OffsetMover.Move(connection, transaction, Dialect, batch.Offsets);
            var entry = batch.Facts.Count == 0 ? Entry.None : EnterFacts(connection, transaction, batch.Facts);
            var fresh = entry.Admitted.Count == 0 ? [] : AppendFresh(connection, transaction, entry.Admitted, entry.Batch);
            AppendParts(connection, fresh);
            KeepDeadLetters(connection, transaction, batch.DeadLetters);
            ChangeEmbeddings(connection, transaction, batch.Embeddings);
            var duplicates = batch.Facts.Count - fresh.Count - entry.Late - entry.Erased;
            if (fresh.Count < batch.Facts.Count)
            {
                var (topic, part) = batch.Offsets.Count > 0 ? batch.Offsets[0].Partition : new("", 0);
                connection.Execute(Dialect(StoreSql.CountOthers), new { topic, part, duplicates, late = entry.Late, erased = entry.Erased }, transaction);
            }
            return new AppendResult(fresh.Count, duplicates) { Late = entry.Late, Erased = entry.Erased, Batch = entry.Batch, Fresh = fresh };
        }, result => Committed(result.Fresh));
    }

    /// <summary>See <see cref="PlainLoad"/>.</summary>
    internal void LoadPlain(IReadOnlyList<Fact> facts)
    {
        Ask(connection =>
        {
            PrepareDays(connection, facts);
            return 0;
        });
        Write((connection, _) =>
        {
            LoadFacts(connection, facts, batch: 0);
            AppendParts(connection, [.. facts]);
            return 0;
        }, _ => Changed());
    }

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

    /// <summary>Numbers the batch and sorts out resends within it, events that came too late, and those of erased users.</summary>
    private Entry EnterFacts(DbConnection connection, DbTransaction transaction, IReadOnlyList<Fact> facts)
    {
        var (number, firstDay, horizonDays, erasures) = connection.QuerySingle<(long, DateTime, int, long)>(StoreSql.EnterBatch, transaction: transaction);
        _erased.Refresh(erasures, () => connection.Query<string>(StoreSql.ErasedUsers, transaction: transaction));
        var (first, days) = (SqlTime.From(firstDay).DayIndex, (long)horizonDays);
        var distinct = DistinctFacts.Of(facts);
        List<Fact> late = [];
        var refused = 0;
        // Late or erased is for the event to say, not for its copy: all copies within the batch count alike.
        if (_erased.Count > 0)
        {
            refused = facts.Count(fact => _erased.Holds(fact.Event));
            distinct.RemoveAll(fact => _erased.Holds(fact.Event));
        }
        if (distinct.Any(IsLate))
        {
            late.AddRange(distinct.Where(IsLate));
            distinct.RemoveAll(IsLate);
            Load(connection, transaction, "late_event_stage", StoreSql.LateEventColumns, late, ResultRows.Write);
            connection.Execute(StoreSql.KeepLateEvents, transaction: transaction);
        }
        return new Entry(number, distinct, late.Count, refused);

        bool IsLate(Fact fact) => fact.Event.Time.DayIndex < first || fact.Known.DayIndex - fact.Event.Time.DayIndex > days;
    }

    private void AppendParts(DbConnection connection, List<Fact> fresh)
    {
        var items = fresh.Select(fact => fact.Event).OfType<ItemUpserted>().ToList();
        if (items.Count > 0)
        {
            using var rows = Bulk(connection, ItemTable, FactColumns.FactItem);
            foreach (var item in items) FactColumns.WriteItem(rows, item);
            rows.Complete();
        }
        var impressions = fresh.Select(fact => fact.Event).OfType<Impression>().ToList();
        if (impressions.Count > 0)
        {
            using var rows = Bulk(connection, ShownTable, FactColumns.FactShown);
            foreach (var impression in impressions) FactColumns.WriteShown(rows, impression);
            rows.Complete();
        }
    }

    private void KeepDeadLetters(DbConnection connection, DbTransaction transaction, IReadOnlyList<DeadLetter> letters)
    {
        if (letters.Count == 0) return;
        Load(connection, transaction, "dead_letter_stage", StoreSql.DeadLetterColumns, letters, ResultRows.Write);
        connection.Execute(StoreSql.KeepDeadLetters, transaction: transaction);
    }

    /// <summary>A batch's number, the facts that may be appended, and how many others there are.</summary>
    private readonly record struct Entry(long Batch, List<Fact> Admitted, int Late, int Erased)
    {
        public static readonly Entry None = new(0, [], 0, 0);
    }
}
