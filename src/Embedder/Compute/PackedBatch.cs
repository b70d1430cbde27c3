namespace Recs.Embedder.Compute;

/// <summary>
/// Several texts behind one another, without padding: token row t of the batch belongs to the sequence whose
/// [<see cref="Starts"/>[s], <see cref="Starts"/>[s + 1]) holds t, at position t − Starts[s]. Its buffers are kept from batch to batch.
/// </summary>
internal sealed class PackedBatch
{
    private int[] _ids = [];
    private int[] _positions = [];
    private int[] _starts = [0];

    /// <summary>Token ids, [tokens].</summary>
    public ReadOnlySpan<int> Ids => _ids.AsSpan(0, Tokens);

    /// <summary>0-based position within the own sequence, [tokens].</summary>
    public ReadOnlySpan<int> Positions => _positions.AsSpan(0, Tokens);

    /// <summary>First row of each sequence, then the number of rows, [sequences + 1].</summary>
    public ReadOnlySpan<int> Starts => _starts.AsSpan(0, Sequences + 1);

    public int Tokens { get; private set; }

    public int Sequences { get; private set; }

    public int LongestSequence { get; private set; }

    /// <summary>Replaces the content.</summary>
    public void Set(ReadOnlySpan<int[]> sequences)
    {
        var tokens = 0;
        foreach (var sequence in sequences) tokens = checked(tokens + sequence.Length);
        if (_ids.Length < tokens) (_ids, _positions) = (new int[tokens], new int[tokens]);
        if (_starts.Length < sequences.Length + 1) _starts = new int[sequences.Length + 1];
        (Tokens, Sequences, LongestSequence) = (tokens, sequences.Length, 0);
        var row = 0;
        for (var s = 0; s < sequences.Length; s++)
        {
            sequences[s].CopyTo(_ids, row);
            for (var position = 0; position < sequences[s].Length; position++) _positions[row++] = position;
            _starts[s + 1] = row;
            LongestSequence = Math.Max(LongestSequence, sequences[s].Length);
        }
    }
}
