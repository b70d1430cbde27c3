namespace Recs.Embedder.Compute;

/// <summary>
/// Several texts behind one another, without padding: token row t of the batch belongs to the sequence whose
/// [<see cref="Starts"/>[s], <see cref="Starts"/>[s + 1]) holds t, at position t − Starts[s].
/// </summary>
internal sealed class PackedBatch
{
    private PackedBatch(int[] ids, int[] positions, int[] starts) => (Ids, Positions, Starts) = (ids, positions, starts);

    /// <summary>Token ids, [tokens].</summary>
    public int[] Ids { get; }

    /// <summary>0-based position within the own sequence, [tokens].</summary>
    public int[] Positions { get; }

    /// <summary>First row of each sequence, then the number of rows, [sequences + 1].</summary>
    public int[] Starts { get; }

    public int Tokens => Ids.Length;

    public int Sequences => Starts.Length - 1;

    public int LongestSequence { get; private init; }

    public static PackedBatch Of(ReadOnlySpan<int[]> sequences)
    {
        var tokens = 0;
        foreach (var sequence in sequences) tokens += sequence.Length;
        var (ids, positions, starts) = (new int[tokens], new int[tokens], new int[sequences.Length + 1]);
        var (row, longest) = (0, 0);
        for (var s = 0; s < sequences.Length; s++)
        {
            sequences[s].CopyTo(ids, row);
            for (var position = 0; position < sequences[s].Length; position++) positions[row++] = position;
            starts[s + 1] = row;
            longest = Math.Max(longest, sequences[s].Length);
        }
        return new PackedBatch(ids, positions, starts) { LongestSequence = longest };
    }
}
