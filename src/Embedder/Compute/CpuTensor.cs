namespace Recs.Embedder.Compute;

/// <summary>Cache-line aligned float32 memory that the collector frees. Alive as long as the object is.</summary>
internal sealed unsafe class AlignedFloats
{
    private readonly float[] _owner;

    public AlignedFloats(long count)
    {
        if (count > Array.MaxLength - 16) throw new NotSupportedException($"a block of {count} numbers is larger than one array");
        // Pinned, so that the address stays; 16 floats of slack to reach a 64-byte boundary.
        _owner = GC.AllocateUninitializedArray<float>((int)count + 16, pinned: true);
        fixed (float* start = _owner) Pointer = (float*)(((nuint)start + 63) & ~(nuint)63);
        Count = (int)count;
    }

    public float* Pointer { get; }

    public int Count { get; }

    public Span<float> Span => new(Pointer, Count);
}

internal sealed unsafe class CpuTensor(int columns) : Tensor(columns)
{
    private AlignedFloats _floats = new(0);

    public float* Pointer => _floats.Pointer;

    public Span<float> Span => _floats.Span[..checked(Rows * Columns)];

    public float* Row(int row) => Pointer + (nint)row * Columns;

    public override void Fit(int rows)
    {
        var needed = (long)rows * Columns;
        if (needed > _floats.Count) _floats = new AlignedFloats(needed);
        Rows = rows;
    }
}

internal sealed class CpuVector(float[] values) : Vector(values.Length)
{
    public float[] Values { get; } = values;
}

/// <summary>Rows are widened from the mapped file when they are asked for: a large table costs no memory.</summary>
internal sealed class CpuEmbeddingTable(Checkpoint.TensorView stored) : EmbeddingTable((int)stored.Shape[0], (int)stored.Shape[1])
{
    public void CopyRow(int row, Span<float> to) => stored.Widen((long)row * Columns, to);
}
