using System.Globalization;
using Recs.Domain;

namespace Recs.Pipelines.Score;

/// <summary>One of several jobs over the same input. Part k (a row group, a record batch; counted over all files) belongs to shard k mod N: shards are disjoint, and together they are everything.</summary>
/// <param name="Index">From 0.</param>
/// <param name="Count">At least 1.</param>
internal readonly record struct Shard(int Index, int Count)
{
    private const int Most = 100_000;

    /// <summary>All of it.</summary>
    public static Shard Whole => new(0, 1);

    public bool IsWhole => Count == 1;

    public bool Holds(long part) => part % Count == Index;

    /// <summary><c>data.parquet</c> becomes <c>data.shard-1-of-4.parquet</c>.</summary>
    public string Name(string file) => IsWhole ? file
        : string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileNameWithoutExtension(file)}.shard-{Index}-of-{Count}{Path.GetExtension(file)}");

    /// <exception cref="RefusedException">Not I/N with 0 ≤ I &lt; N.</exception>
    public static Shard Parse(string? text)
    {
        if (text is null) return Whole;
        var parts = text.Split('/');
        return parts.Length == 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= Most && index < count
            ? new(index, count)
            : throw new RefusedException($"--shard is '{text}', expected I/N with I from 0 to N − 1 and N at most {Most:N0}, such as 0/4");
    }
}
