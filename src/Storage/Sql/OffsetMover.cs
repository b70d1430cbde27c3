using System.Data.Common;
using Dapper;

namespace Recs.Storage.Sql;

/// <summary>Offsets by compare-and-swap: who moves a partition must know where it stands.</summary>
internal static class OffsetMover
{
    /// <summary>Moves all or throws; partitions of one group that were read before go in one statement.</summary>
    /// <exception cref="FencedException">An offset is not where the batch believes it to be.</exception>
    public static void Move(DbConnection connection, DbTransaction transaction, Func<string, string> dialect, IReadOnlyList<OffsetMove> moves)
    {
        foreach (var (_, (topic, part), expected, next) in moves)
            if (next < expected) throw new ArgumentException($"{topic}/{part} would move back from {expected} to {next}", nameof(moves));
        foreach (var group in moves.GroupBy(move => move.Group, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            // In one fixed order of partitions, so that two workers seldom wait for each other in a circle; where they do, the database gives one up, who tries again.
            OffsetMove[] ordered = [.. group.OrderBy(move => move.Partition.Topic, StringComparer.Ordinal).ThenBy(move => move.Partition.Partition)];
            SwapAll(connection, transaction, dialect, ordered);
        }
    }

    private static void SwapAll(DbConnection connection, DbTransaction transaction, Func<string, string> dialect, OffsetMove[] moves)
    {
        var moved = MoveAll(connection, transaction, dialect, moves);
        foreach (var (grp, partition, expected, next) in moves)
        {
            if (moved.Contains(partition)) continue;
            var (topic, part) = partition;
            if (expected == 0 && connection.Execute(dialect(StoreSql.BeginOffset), new { grp, topic, part, next }, transaction) == 1) continue;
            var now = Read(connection, transaction, dialect, grp).GetValueOrDefault(partition);
            throw new FencedException($"{topic}/{part} of group {grp} stands at {now}, the batch begins at {expected}: " +
                "another worker owns the partition now; nothing was written, read the offsets again");
        }
    }

    /// <returns>Those that stood where the batch expects them.</returns>
    private static HashSet<StreamPartition> MoveAll(DbConnection connection, DbTransaction transaction, Func<string, string> dialect, OffsetMove[] moves)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        Add("grp", moves[0].Group);
        for (var i = 0; i < moves.Length; i++)
        {
            var (_, (topic, part), expected, next) = moves[i];
            Add($"t{i}", topic);
            Add($"p{i}", part);
            Add($"e{i}", expected);
            Add($"n{i}", next);
        }
#pragma warning disable CA2100 // parameter names only
        command.CommandText = dialect(StoreSql.MoveOffsets(moves.Length));
#pragma warning restore CA2100
        var moved = new HashSet<StreamPartition>();
        using var rows = command.ExecuteReader();
        while (rows.Read()) moved.Add(new(rows.GetString(0), rows.GetInt32(1)));
        return moved;

        void Add(string name, object value)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }
    }

    /// <summary>Moves one partition, in either direction.</summary>
    /// <exception cref="FencedException">It is not where the caller believes it to be.</exception>
    public static void Swap(DbConnection connection, DbTransaction transaction, Func<string, string> dialect, OffsetMove move) => SwapAll(connection, transaction, dialect, [move]);

    public static Dictionary<StreamPartition, long> Read(DbConnection connection, DbTransaction? transaction, Func<string, string> dialect, string group) =>
        connection.Query<(string Topic, int Part, long Next)>(dialect(StoreSql.Offsets), new { grp = group }, transaction)
            .ToDictionary(row => new StreamPartition(row.Topic, row.Part), row => row.Next);
}
