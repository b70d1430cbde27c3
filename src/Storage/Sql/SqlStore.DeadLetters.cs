using System.Data.Common;
using Dapper;
using Recs.Domain.Wire;

namespace Recs.Storage.Sql;

// The refused messages and what becomes of them.
internal abstract partial class SqlStore
{
    private const string DeadLetterFields = StoreSql.DeadLetterColumns + ", coalesce(state, 1), state_time, coalesce(state_note, '')";

    private const string SettleDeadLetter = """
        update dead_letter set state = $to, state_time = $at, state_note = $note
        where topic = $topic and part = $part and off = $off and content_hash = $hash and coalesce(state, 1) = $from
        """;

    public IReadOnlyList<DeadLetter> DeadLetters(int limit = 1_000) => [.. FindDeadLetters(DeadLetterFilter.All, limit).Select(kept => kept.Letter)];

    public IReadOnlyList<KeptDeadLetter> FindDeadLetters(DeadLetterFilter filter, int limit) => Ask(connection =>
    {
        var (where, parameters) = Where(filter);
        using var command = Command(connection, $"select {DeadLetterFields} from dead_letter{where} order by topic, part, off, content_hash limit $most", [.. parameters, ("most", limit)]);
        using var rows = command.ExecuteReader();
        var letters = new List<KeptDeadLetter>();
        while (rows.Read()) letters.Add(Kept(rows));
        return letters;
    });

    public IReadOnlyDictionary<(DeadLetterState State, RejectionReason Reason), long> CountDeadLetters(DeadLetterFilter filter) => Ask(connection =>
    {
        var (where, parameters) = Where(filter);
        using var command = Command(connection, $"select coalesce(state, 1), reason, count(*) from dead_letter{where} group by 1, 2 order by 1, 2", parameters);
        using var rows = command.ExecuteReader();
        var counts = new Dictionary<(DeadLetterState, RejectionReason), long>();
        while (rows.Read()) counts[((DeadLetterState)Convert.ToInt32(rows.GetValue(0), null), (RejectionReason)rows.GetInt16(1))] = rows.GetInt64(2);
        return counts;
    });

    public void Settle(IReadOnlyList<DeadLetterChange> changes) => Write((connection, transaction) =>
    {
        Settle(connection, transaction, changes);
        return 0;
    });

    private void Settle(DbConnection connection, DbTransaction transaction, IReadOnlyList<DeadLetterChange> changes)
    {
        // In one order, so that two that settle the same letters never wait for each other in a circle.
        foreach (var change in changes.OrderBy(change => change.Key.Partition.Topic, StringComparer.Ordinal).ThenBy(change => change.Key.Partition.Partition)
            .ThenBy(change => change.Key.Offset).ThenBy(change => change.Key.ContentHash, StringComparer.Ordinal))
        {
            var ((topic, part), off, hash) = change.Key;
            var settled = connection.Execute(Dialect(SettleDeadLetter),
                new { to = (short)change.To, at = SqlTime.Of(change.At), note = WireText.Storable(change.Note), topic, part, off, hash, from = (short)change.From }, transaction);
            if (settled != 1)
                throw new FencedException($"the dead letter {topic}/{part}/{off} is not {change.From} any more: somebody else has dealt with it; nothing was written");
        }
    }

    private void KeepDeadLetters(DbConnection connection, DbTransaction transaction, IReadOnlyList<DeadLetter> letters)
    {
        if (letters.Count == 0) return;
        Load(connection, transaction, "dead_letter_stage", StoreSql.DeadLetterColumns, letters, ResultRows.Write);
        connection.Execute(StoreSql.KeepDeadLetters, transaction: transaction);
    }

    private KeptDeadLetter Kept(DbDataReader row)
    {
        var partition = new StreamPartition(row.GetString(0), row.GetInt32(1));
        var letter = new DeadLetter(partition, row.GetInt64(2), new((RejectionReason)row.GetInt16(4), row.GetString(5)), ReadBytes(row, 6), SqlTime.From(row.GetDateTime(7)))
        {
            Key = row.IsDBNull(8) ? null : Convert.FromBase64String(row.GetString(8)),
        };
        return new(new(partition, letter.Offset, row.GetString(3)), letter, (DeadLetterState)Convert.ToInt32(row.GetValue(9), null),
            row.IsDBNull(10) ? null : SqlTime.From(row.GetDateTime(10)), row.GetString(11));
    }

    /// <summary>The conditions are this assembly's own words; every value is a parameter.</summary>
    private static (string Text, (string Name, object Value)[] Parameters) Where(DeadLetterFilter filter)
    {
        List<string> conditions = [];
        List<(string Name, object Value)> parameters = [];
        void Add(string condition, string name, object value)
        {
            conditions.Add(condition);
            parameters.Add((name, value));
        }
        if (filter.State is { } state) Add("coalesce(state, 1) = $state", "state", (short)state);
        if (filter.Topic is { } topic) Add("topic = $topic", "topic", topic);
        if (filter.Partition is { } partition) Add("part = $part", "part", partition);
        if (filter.Offset is { } offset) Add("off = $off", "off", offset);
        if (filter.Reason is { } reason) Add("reason = $reason", "reason", (short)reason);
        if (filter.Since is { } since) Add("known_time >= $since", "since", SqlTime.Of(since));
        if (filter.Until is { } until) Add("known_time < $until", "until", SqlTime.Of(until));
        if (filter.After is { } after)
        {
            conditions.Add("""
                (topic > $atopic or topic = $atopic and (part > $apart or part = $apart and (off > $aoff or off = $aoff and content_hash > $ahash)))
                """);
            parameters.AddRange([("atopic", after.Partition.Topic), ("apart", after.Partition.Partition), ("aoff", after.Offset), ("ahash", after.ContentHash)]);
        }
        return (conditions.Count == 0 ? "" : " where " + string.Join(" and ", conditions), [.. parameters]);
    }
}
