namespace Recs.Embedder.Compute.Cuda;

/// <summary>
/// Device memory for weights. Blocks that are given back are kept by size: parts that pass through have the same few sizes over and over, and
/// freeing memory would hold up the device. Thread-safe.
/// </summary>
internal sealed class WeightMemory(CudaDevice device) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, Stack<WeightBlock>> _idle = [];

    /// <param name="bytes">Of the block.</param>
    /// <param name="writer">Writes into it once the last one who read it is done.</param>
    /// <exception cref="CudaException">There is not enough memory.</exception>
    public WeightBlock Take(long bytes, CudaStream writer)
    {
        lock (_gate)
        {
            if (_idle.TryGetValue(bytes, out var fitting) && fitting.TryPeek(out var kept))
            {
                // Only then: what cannot be waited for is still there to be freed.
                kept.Left?.Before(writer);
                return fitting.Pop();
            }
            try
            {
                return new WeightBlock(new DevicePointer(device.Allocate(bytes, "weights")), bytes);
            }
            catch (CudaException failed) when (failed.Code == Native.Libcuda.OutOfMemory && _idle.Values.Any(stack => stack.Count > 0))
            {
                // Idle blocks of other sizes make room.
                FreeIdle();
                return new WeightBlock(new DevicePointer(device.Allocate(bytes, "weights")), bytes);
            }
        }
    }

    /// <param name="block">Of <see cref="Take"/>.</param>
    /// <param name="reader">The last one who was given work with it, or null.</param>
    public void Return(WeightBlock block, CudaStream? reader)
    {
        lock (_gate)
        {
            try
            {
                if (reader is not null) (block.Left ??= new CudaEvent(device)).Record(reader);
            }
            catch (CudaException)
            {
                // The device is broken, as its user has been told: nothing runs there that could still read the block.
            }
            if (!_idle.TryGetValue(block.Bytes, out var stack)) _idle[block.Bytes] = stack = new Stack<WeightBlock>();
            stack.Push(block);
        }
    }

    /// <summary>Frees what was given back; all of it must have been.</summary>
    public void Dispose()
    {
        lock (_gate) FreeIdle();
    }

    private void FreeIdle()
    {
        foreach (var block in _idle.Values.SelectMany(stack => stack))
        {
            block.Left?.Dispose();
            device.Free(block.Pointer.Address);
        }
        _idle.Clear();
    }
}

/// <summary>A piece of <see cref="WeightMemory"/>.</summary>
internal sealed class WeightBlock(DevicePointer pointer, long bytes)
{
    public DevicePointer Pointer => pointer;

    public long Bytes => bytes;

    /// <summary>When its last reader is done with it.</summary>
    public CudaEvent? Left { get; set; }
}
