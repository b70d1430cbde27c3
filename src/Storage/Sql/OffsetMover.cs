using System.Data.Common;
using Dapper;

namespace Recs.Storage.Sql;

/// <summary>Offsets by compare-and-swap: who moves a partition must know where it stands.</summary>
internal static class OffsetMover
{
    /// <summary>Moves in one fixed order of partitions, so that two workers never wait for each other in a circle.</summary>
    /// <exception cref="FencedException">An offset is not where the batch believes it to be.</exception>
    public static void Move(DbConnection connection, DbTransaction transaction, Func<string, string> dialect, IReadOnlyList<OffsetMove> moves)
    {
        foreach (var move in moves.OrderBy(move => move.Group, StringComparer.Ordinal)
            .ThenBy(move => move.Partition.Topic, StringComparer.Ordinal).ThenBy(move => move.Partition.Partition))
        {
            if (move.To < move.From) throw new ArgumentException($"{move.Partition.Topic}/{move.Partition.Partition} would move back from {move.From} to {move.To}", nameof(moves));
            Swap(connection, transaction, dialect, move);
        }
    }

    /// <summary>Moves one partition, in either direction.</summary>
    /// <exception cref="FencedException">It is not where the caller believes it to be.</exception>
    public static void Swap(DbConnection connection, DbTransaction transaction, Func<string, string> dialect, OffsetMove move)
    {
        var (grp, (topic, part), expected, next) = move;
        if (connection.Execute(dialect(StoreSql.MoveOffset), new { grp, topic, part, expected, next }, transaction) == 1) return;
        if (expected == 0 && connection.Execute(dialect(StoreSql.BeginOffset), new { grp, topic, part, next }, transaction) == 1) return;
        var now = connection.QueryFirstOrDefault<long?>(dialect(StoreSql.OffsetNow), new { grp, topic, part }, transaction);
        throw new FencedException($"{topic}/{part} of group {grp} stands at {now ?? 0}, the batch begins at {expected}: " +
            "another worker owns the partition now; nothing was written, read the offsets again");
    }

    public static Dictionary<StreamPartition, long> Read(DbConnection connection, DbTransaction? transaction, Func<string, string> dialect, string group) =>
        connection.Query<(string Topic, int Part, long Next)>(dialect(StoreSql.Offsets), new { grp = group }, transaction)
            .ToDictionary(row => new StreamPartition(row.Topic, row.Part), row => row.Next);
}
