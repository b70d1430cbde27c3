namespace Recs.Embedder.Compute.Cuda;

/// <summary>Where a <see cref="Routing"/> is on the device.</summary>
internal sealed class DeviceRouting(CudaArena arena, int experts)
{
    private readonly DeviceBuffer _memory = arena.NewBuffer("routing");
    private long _tokenBytes;

    /// <summary>int32 [tokens]</summary>
    public DevicePointer Experts => _memory.Pointer;

    /// <summary>float32 [tokens]</summary>
    public DevicePointer Scores => _memory.Pointer.Plus(_tokenBytes);

    /// <summary>int32 [tokens]: tokens by expert.</summary>
    public DevicePointer Order => _memory.Pointer.Plus(2 * _tokenBytes);

    /// <summary>int32 [experts + 1]: where each expert's tokens begin in <see cref="Order"/>.</summary>
    public DevicePointer Starts => _memory.Pointer.Plus(3 * _tokenBytes);

    public void Fit(int tokens)
    {
        _tokenBytes = ((long)tokens * sizeof(int) + 255) / 256 * 256;
        arena.Reserve(_memory, 3 * _tokenBytes + (experts + 1) * sizeof(int));
    }
}
