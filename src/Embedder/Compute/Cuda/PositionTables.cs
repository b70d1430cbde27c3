using Recs.Embedder.Checkpoint;

namespace Recs.Embedder.Compute.Cuda;

/// <summary>Tables by position, made on the host once and kept on the device: rotations and temperatures. One caller at a time.</summary>
internal sealed unsafe class PositionTables(CudaStream stream, CudaArena arena)
{
    private const int LeastPositions = 64;

    private readonly Dictionary<RotaryTable, DeviceBuffer> _rotations = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<TemperatureTuning, (DeviceBuffer Memory, int Positions)> _temperatures = [];

    /// <summary>float32 as <see cref="RotaryTable.CosSin"/>.</summary>
    public DevicePointer Rotation(RotaryTable table)
    {
        if (_rotations.TryGetValue(table, out var known)) return known.Pointer;
        var memory = arena.NewBuffer("rotations");
        Send(table.CosSin, memory);
        _rotations[table] = memory;
        return memory.Pointer;
    }

    /// <summary>float32 factor of each position.</summary>
    public DevicePointer Temperature(TemperatureTuning tuning, int positions)
    {
        var known = _temperatures.GetValueOrDefault(tuning);
        if (known.Positions >= positions) return known.Memory.Pointer;
        var factors = new float[Math.Max(positions, Math.Max(LeastPositions, 2 * known.Positions))];
        for (var p = 0; p < factors.Length; p++) factors[p] = QueryKeyKernel.Factor(tuning, p);
        var memory = known.Memory ?? arena.NewBuffer("temperatures");
        _temperatures[tuning] = (memory, 0);
        Send(factors, memory);
        _temperatures[tuning] = (memory, factors.Length);
        return memory.Pointer;
    }

    private void Send(float[] values, DeviceBuffer memory)
    {
        // What is still to be computed may read the old table: growing frees it, and freeing waits.
        arena.Reserve(memory, (long)values.Length * sizeof(float));
        using var pinned = new PinnedBuffer(stream.Device);
        pinned.Reserve((long)values.Length * sizeof(float));
        values.CopyTo(new Span<float>(pinned.Pointer, values.Length));
        stream.Upload(pinned.Pointer, memory.Pointer, (long)values.Length * sizeof(float));
        stream.Wait();
    }
}
