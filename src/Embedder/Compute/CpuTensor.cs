namespace Recs.Embedder.Compute;

/// <summary>Cache-line aligned float32 memory outside the collected heap. Freed with its owner, or at once by <see cref="Free"/>.</summary>
internal sealed unsafe class AlignedFloats(long count)
{
    private readonly NativeBlock _block = new(count * sizeof(float));

    public float* Pointer => (float*)_block.Pointer;

    public long Count => count;

    public void Free() => _block.Free();
}

internal sealed unsafe class CpuTensor(int columns) : Tensor(columns)
{
    private AlignedFloats _floats = new(0);

    public float* Pointer => _floats.Pointer;

    public Span<float> Span => new(Pointer, checked(Rows * Columns));

    public float* Row(int row) => Pointer + (nint)row * Columns;

    public override void Fit(int rows)
    {
        var needed = (long)rows * Columns;
        if (needed > _floats.Count)
        {
            // The old content is not needed, so its memory goes first.
            _floats.Free();
            _floats = new AlignedFloats(needed);
        }
        Rows = rows;
    }
}

internal sealed class CpuVector(float[] values) : Vector(values.Length)
{
    public float[] Values { get; } = values;
}

/// <summary>
/// The rows stay in their file and are widened when they are asked for. A resident model looks them up in the mapping; a streamed one reads
/// them, so that no page of a large table stays in the process.
/// </summary>
internal sealed unsafe class CpuEmbeddingTable(Checkpoint.TensorView stored, bool isResident) : EmbeddingTable((int)stored.Shape[0], (int)stored.Shape[1])
{
    private const int StackBytes = 1 << 14;

    public void CopyRow(int row, Span<float> to)
    {
        var bytes = Columns * stored.ElementBytes;
        if (isResident || bytes > StackBytes)
        {
            stored.Widen((long)row * Columns, to);
            return;
        }
        var buffer = stackalloc byte[StackBytes];
        stored.Read((long)row * Columns, buffer, Columns);
        fixed (float* pointer = to) Checkpoint.ElementWidening.Widen(stored.Type, buffer, pointer, Columns);
    }

    /// <summary>Reads the table once, a block at a time.</summary>
    /// <exception cref="Domain.RefusedException">A number is not finite.</exception>
    public void RequireFinite()
    {
        var rows = Math.Max(1, (1 << 20) / (Columns * stored.ElementBytes));
        var block = new byte[rows * Columns * stored.ElementBytes];
        fixed (byte* pointer = block)
        {
            for (var row = 0; row < Rows; row += rows)
            {
                var count = (nint)Math.Min(rows, Rows - row) * Columns;
                stored.Read((long)row * Columns, pointer, count);
                stored.RequireFinite((long)row * Columns, pointer, count);
            }
        }
    }
}
