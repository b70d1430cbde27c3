namespace Recs.Embedder.Compute.Cuda.Kernels;

/// <summary>
/// The blocks of an attention launch: a tile is up to <see cref="Queries"/> neighbouring queries of one sequence. The table is made on the
/// host, so that a batch of one long and many short texts starts no empty blocks. A tile is three int32: the sequence's first row, the
/// first query's position, the number of queries.
/// </summary>
internal static class AttentionTiles
{
    public const int Queries = 64;

    /// <summary>int32 a tile.</summary>
    public const int Fields = 3;

    /// <summary>Warps of a tile on the matrix units: 16 queries each.</summary>
    public const int MatrixWarps = Queries / 16;

    /// <summary>Warps of a tile without them: 4 queries each, whose sums stay in registers.</summary>
    public const int PlainWarps = Queries / 4;

    /// <summary>Keys that a block holds in shared memory at a time.</summary>
    private const int Keys = 32;

    /// <summary>bf16 that a row of keys or values is moved by, so that eight rows lie in different banks.</summary>
    private const int MatrixPadding = 8;

    /// <param name="starts">First row of each sequence, then the number of rows.</param>
    public static int Count(ReadOnlySpan<int> starts)
    {
        var tiles = 0;
        for (var s = 0; s + 1 < starts.Length; s++) tiles += (starts[s + 1] - starts[s] + Queries - 1) / Queries;
        return tiles;
    }

    /// <summary>Writes the table; longest stretches of keys first, so that they do not run alone at the end.</summary>
    /// <param name="starts">First row of each sequence, then the number of rows.</param>
    /// <param name="to">[<see cref="Count"/> · <see cref="Fields"/>]</param>
    public static void Fill(ReadOnlySpan<int> starts, Span<int> to)
    {
        var at = 0;
        for (var s = 0; s + 1 < starts.Length; s++)
        {
            var length = starts[s + 1] - starts[s];
            for (var first = (length - 1) / Queries * Queries; first >= 0 && length > 0; first -= Queries)
            {
                (to[at], to[at + 1], to[at + 2]) = (starts[s], first, Math.Min(Queries, length - first));
                at += Fields;
            }
        }
    }

    /// <summary>Keys and values in bf16.</summary>
    public static int MatrixSharedBytes(int headSize) => 2 * Keys * (headSize + MatrixPadding) * 2;

    /// <summary>Keys in float32, one number apart from row to row so that a warp that reads one column meets 32 banks; and each warp's query.</summary>
    public static int PlainSharedBytes(int headSize) => (Keys * (headSize + 1) + PlainWarps * headSize) * sizeof(float);
}
