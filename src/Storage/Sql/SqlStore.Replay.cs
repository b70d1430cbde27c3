using System.Data.Common;
using Dapper;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Storage.Facts;

namespace Recs.Storage.Sql;

// Facts made anew beside the live ones.
internal abstract partial class SqlStore
{
    private const string ReplayFact = "replay_fact_stage", ReplayItem = "replay_item_stage", ReplayShown = "replay_shown_stage";

    /// <summary>The rows of one table that came with the first copy of each event that the store does not hold.</summary>
    private static string Chosen(string table, string columns, string stage) => $"""
        insert into {table} ({columns}) select {columns} from {stage} r
        where exists (select 1 from replay_chosen c where c.day = r.day and c.event_id = r.event_id and c.number = r.number)
        """;

    public ReplayCounts Replace(Timestamp from, Timestamp to, IEnumerable<IReadOnlyList<Fact>> facts)
    {
        var (duplicates, late, erased, number) = (0L, 0L, 0L, 0L);
        // What is appended from here on is not among the facts to come, and stays.
        var settled = Ask(connection =>
        {
            var (transaction, batch) = BeginSettledRead(connection);
            transaction.Dispose();
            return batch;
        });
        MakeReplayStages();
        foreach (var batch in facts)
        {
            if (batch.FirstOrDefault(fact => fact.Known < from || fact.Known >= to) is { Event: not null } outside)
                throw new ArgumentException($"event {outside.Event.Id.Value} became known at {outside.Known}, outside of {from} to {to}", nameof(facts));
            var first = number;
            ReadyDays(batch);
            Write((connection, transaction) =>
            {
                // Sorted out by the rule of ingest; late ones were kept when they came first.
                var entry = SortOut(connection, transaction, batch);
                (late, erased) = (late + entry.Late.Count, erased + entry.Erased);
                Stage(connection, entry.Admitted, first, entry.Batch);
                duplicates += batch.Count - entry.Admitted.Count - entry.Late.Count - entry.Erased;
                return 0;
            });
            number += batch.Count;
        }
        return Swap(from, to, settled, new ReplayCounts(0, 0, duplicates, late, erased));
    }

    private void MakeReplayStages() => Ask(connection => connection.Execute($"""
        drop table if exists {ReplayFact};
        drop table if exists {ReplayItem};
        drop table if exists {ReplayShown};
        create temp table {ReplayFact} as select {FactColumns.Fact}, cast(0 as bigint) as number from fact limit 0;
        create temp table {ReplayItem} as select {FactColumns.FactItem}, cast(0 as bigint) as number from fact_item limit 0;
        create temp table {ReplayShown} as select {FactColumns.FactShown}, cast(0 as bigint) as number from fact_shown limit 0;
        """));

    private void Stage(DbConnection connection, List<KeyedFact> facts, long first, long batch)
    {
        Rows(ReplayFact, FactColumns.Fact, _ => true, (row, fact, number) =>
        {
            row.StartRow();
            FactColumns.WriteFact(row, fact, batch);
            row.Long(number);
            row.EndRow();
        });
        Rows(ReplayItem, FactColumns.FactItem, fact => fact.Event is ItemUpserted, (row, fact, number) => FactColumns.WriteItem(row, (ItemUpserted)fact.Event, number));
        Rows(ReplayShown, FactColumns.FactShown, fact => fact.Event is Impression, (row, fact, number) => FactColumns.WriteShown(row, (Impression)fact.Event, number));

        void Rows(string stage, string columns, Func<Fact, bool> has, Action<BulkWriter, Fact, long> write)
        {
            if (!facts.Exists(keyed => has(keyed.Fact))) return;
            using var rows = Bulk(connection, stage, columns + ", number");
            for (var i = 0; i < facts.Count; i++)
                if (has(facts[i].Fact)) write(rows, facts[i].Fact, first + i);
            rows.Complete();
        }
    }

    private ReplayCounts Swap(Timestamp from, Timestamp to, long settled, ReplayCounts counts) => Write((connection, transaction) =>
    {
        HoldAppends(connection, transaction);
        var window = new { from = SqlTime.Of(from), to = SqlTime.Of(to), settled };
        connection.Execute(Dialect("delete from fact_shown where (day, event_id) in (select day, event_id from fact where batch <= $settled and known_time >= $from and known_time < $to)"), window, transaction);
        connection.Execute(Dialect("delete from fact_item where (day, event_id) in (select day, event_id from fact where batch <= $settled and known_time >= $from and known_time < $to)"), window, transaction);
        var removed = connection.Execute(Dialect("delete from fact where batch <= $settled and known_time >= $from and known_time < $to"), window, transaction);
        connection.Execute($"""
            drop table if exists replay_chosen;
            create temp table replay_chosen as
            select day, event_id, min(number) as number from {ReplayFact} r
            where not exists (select 1 from fact f where f.day = r.day and f.event_id = r.event_id)
            group by day, event_id;
            """, transaction: transaction);
        // Parts that a damaged store holds without their fact would stand there twice.
        foreach (var table in new[] { ItemTable, ShownTable })
            connection.Execute($"delete from {table} where (day, event_id) in (select day, event_id from replay_chosen)", transaction: transaction);
        var added = connection.Execute(Chosen("fact", FactColumns.Fact, ReplayFact), transaction: transaction);
        connection.Execute(Chosen("fact_item", FactColumns.FactItem, ReplayItem), transaction: transaction);
        connection.Execute(Chosen("fact_shown", FactColumns.FactShown, ReplayShown), transaction: transaction);
        var given = connection.QuerySingle<long>($"select count(*) from {ReplayFact}", transaction: transaction);
        DropStates(connection, transaction, StateKind.Snapshot);
        NextEpoch(connection, transaction);
        connection.Execute($"drop table {ReplayFact}; drop table {ReplayItem}; drop table {ReplayShown}; drop table replay_chosen", transaction: transaction);
        return counts with { Removed = removed, Added = added, Duplicates = counts.Duplicates + given - added };
    }, _ => Changed());
}
