using Dapper;

namespace Recs.Storage.Sql;

// Offsets that an operator moved, and the record of it.
internal abstract partial class SqlStore
{
    private const string KeepGap = """
        insert into stream_gap (grp, topic, part, from_offset, to_offset, moved_at, how) values ($grp, $topic, $part, $expected, $next, $at, $how)
        """;

    private const string SelectGaps = "select topic, part, from_offset, to_offset, moved_at, how from stream_gap where grp = $grp order by moved_at, topic, part";

    public void MoveAcross(IReadOnlyList<StreamGap> gaps) => Write((connection, transaction) =>
    {
        foreach (var gap in gaps.OrderBy(gap => gap.Group, StringComparer.Ordinal).ThenBy(gap => gap.Partition.Topic, StringComparer.Ordinal).ThenBy(gap => gap.Partition.Partition))
        {
            OffsetMover.Swap(connection, transaction, Dialect, new(gap.Group, gap.Partition, gap.From, gap.To));
            var (topic, part) = gap.Partition;
            connection.Execute(Dialect(KeepGap), new { grp = gap.Group, topic, part, expected = gap.From, next = gap.To, at = SqlTime.Of(gap.At), how = gap.How }, transaction);
        }
        return 0;
    });

    public IReadOnlyList<StreamGap> Gaps(string group) => Ask(connection =>
    {
        using var command = Command(connection, SelectGaps, ("grp", group));
        using var rows = command.ExecuteReader();
        var gaps = new List<StreamGap>();
        while (rows.Read()) gaps.Add(new(group, new(rows.GetString(0), rows.GetInt32(1)), rows.GetInt64(2), rows.GetInt64(3), SqlTime.From(rows.GetDateTime(4)), rows.GetString(5)));
        return gaps;
    });
}
