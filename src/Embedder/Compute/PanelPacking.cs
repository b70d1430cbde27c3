using System.Buffers;
using Recs.Embedder.Checkpoint;

namespace Recs.Embedder.Compute;

/// <summary>Moves a stored matrix into panels, block by block as it is read from the file, and refuses numbers that are not finite.</summary>
internal static unsafe class PanelPacking
{
    /// <summary>Bytes read at a time: large for a disk, small for the cache.</summary>
    private const int BlockBytes = 1 << 18;

    /// <param name="source">What to read.</param>
    /// <param name="scales">Factors to apply on the way, one an output; not for FP8 panels, which keep theirs beside them.</param>
    /// <param name="packed">Where to.</param>
    /// <param name="firstOutput">The output of <paramref name="packed"/> that output 0 of the source becomes.</param>
    public static void Copy(MatrixSource source, float[]? scales, PackedMatrix packed, int firstOutput)
    {
        // A stored row is an output or an input; whole rows are read, and sixteen at least, to fill a panel at once.
        var (rows, columns) = source.InputMajor ? (source.Inputs, source.Outputs) : (source.Outputs, source.Inputs);
        var storedBytes = source.Tensor.ElementBytes;
        var blockRows = Math.Min(rows, Math.Max(PackedMatrix.Width, BlockBytes / (columns * storedBytes) / PackedMatrix.Width * PackedMatrix.Width));
        var stored = ArrayPool<byte>.Shared.Rent(blockRows * columns * storedBytes);
        var widened = packed.Type == source.Tensor.Type ? [] : ArrayPool<float>.Shared.Rent(blockRows * columns);
        try
        {
            fixed (byte* storedBlock = stored)
            fixed (float* wideBlock = widened)
            {
                for (var row = 0; row < rows; row += blockRows)
                {
                    var count = Math.Min(blockRows, rows - row);
                    var first = source.First + (long)row * columns;
                    source.Tensor.Read(first, storedBlock, (nint)count * columns);
                    source.Tensor.RequireFinite(first, storedBlock, (nint)count * columns);
                    var block = storedBlock;
                    if (wideBlock is not null)
                    {
                        Widen(source, scales, storedBlock, wideBlock, row, count, columns);
                        if (packed.Type == ElementType.BF16) BFloat16Rounding.Narrow(wideBlock, (ushort*)wideBlock, (nint)count * columns);
                        block = (byte*)wideBlock;
                    }
                    switch (ElementWidening.SizeOf(packed.Type))
                    {
                        case 4: Place((uint*)block, source.InputMajor, packed, firstOutput, row, count, columns); break;
                        case 2: Place((ushort*)block, source.InputMajor, packed, firstOutput, row, count, columns); break;
                        default: Place(block, source.InputMajor, packed, firstOutput, row, count, columns); break;
                    }
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(stored);
            if (widened.Length > 0) ArrayPool<float>.Shared.Return(widened);
        }
    }

    private static void Widen(MatrixSource source, float[]? scales, byte* from, float* to, int row, int count, int columns)
    {
        ElementWidening.Widen(source.Tensor.Type, from, to, (nint)count * columns);
        if (scales is null) return;
        for (var r = 0; r < count; r++)
            for (var c = 0; c < columns; c++)
                to[(nint)r * columns + c] *= scales[source.InputMajor ? c : row + r];
    }

    /// <summary>Rows of <paramref name="columns"/> numbers that have the panels' format: outputs from <paramref name="firstOutput"/> + row on, or inputs from row on.</summary>
    public static void Place<T>(T* block, bool inputMajor, PackedMatrix packed, int firstOutput, int row, int count, int columns) where T : unmanaged
    {
        if (inputMajor)
        {
            for (var r = 0; r < count; r++) PlaceInput(block + (nint)r * columns, packed, firstOutput, row + r, columns);
            return;
        }
        var at = 0;
        while (at < count)
        {
            var output = firstOutput + row + at;
            var whole = output % PackedMatrix.Width == 0 && count - at >= PackedMatrix.Width;
            if (whole) PlacePanel(block + (nint)at * columns, (T*)packed.Panel(output / PackedMatrix.Width), columns);
            else PlaceOutput(block + (nint)at * columns, (T*)packed.Panel(output / PackedMatrix.Width) + output % PackedMatrix.Width, columns);
            at += whole ? PackedMatrix.Width : 1;
        }
    }

    /// <summary>Sixteen outputs at once: a transposition that writes the panel from front to back.</summary>
    private static void PlacePanel<T>(T* rows, T* panel, int inputs) where T : unmanaged
    {
        for (nint k = 0; k < inputs; k++)
        {
            var from = rows + k;
            for (nint n = 0; n < PackedMatrix.Width; n++)
            {
                panel[n] = *from;
                from += inputs;
            }
            panel += PackedMatrix.Width;
        }
    }

    private static void PlaceOutput<T>(T* row, T* column, int inputs) where T : unmanaged
    {
        for (nint k = 0; k < inputs; k++) column[k * PackedMatrix.Width] = row[k];
    }

    private static void PlaceInput<T>(T* row, PackedMatrix packed, int firstOutput, int input, int outputs) where T : unmanaged
    {
        for (var n = 0; n < outputs;)
        {
            var output = firstOutput + n;
            var inPanel = output % PackedMatrix.Width;
            var count = Math.Min(PackedMatrix.Width - inPanel, outputs - n);
            var to = (T*)packed.Panel(output / PackedMatrix.Width) + (nint)input * PackedMatrix.Width + inPanel;
            new ReadOnlySpan<T>(row + n, count).CopyTo(new Span<T>(to, count));
            n += count;
        }
    }
}
