namespace Recs.Embedder.Compute.Cuda;

/// <summary>The experts that every layer chose, taken down on the device: layer by layer, one int32 a token. One micro-batch at a time.</summary>
/// <param name="arena">Where it lives.</param>
/// <param name="layers">Layers with experts.</param>
internal sealed class RouteLog(CudaArena arena, int layers)
{
    private readonly DeviceBuffer _memory = arena.NewBuffer("routes");
    private int _tokens;
    private int _written;

    /// <summary>Layers taken down.</summary>
    public int Layers => _written;

    /// <summary>[<see cref="Layers"/>, tokens]</summary>
    public DevicePointer Pointer => _memory.Pointer;

    public void Begin(int tokens)
    {
        (_tokens, _written) = (tokens, 0);
        arena.Reserve(_memory, (long)layers * tokens * sizeof(int));
    }

    /// <summary>Says what a recorded pass, run again, has written.</summary>
    public void Replayed(int layersWritten) => _written = layersWritten;

    public void Add(CudaStream stream, DevicePointer experts, int tokens)
    {
        if (tokens != _tokens || _written == layers) throw new InvalidOperationException($"a log of {layers} layers of {_tokens} tokens is given layer {_written + 1} of {tokens}");
        stream.Copy(experts, _memory.Pointer.Plus((long)_written++ * tokens * sizeof(int)), (long)tokens * sizeof(int));
    }
}
