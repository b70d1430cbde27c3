using System.Runtime.InteropServices;

namespace Recs.Embedder.Compute;

/// <summary>Cache-line aligned memory outside the collected heap, for weights: given back the moment it is disposed, or with its owner.</summary>
internal sealed unsafe class NativeBlock : IDisposable
{
    public NativeBlock(long bytes)
    {
        Pointer = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(bytes, 1), 64);
        Bytes = bytes;
    }

    ~NativeBlock() => Free();

    public byte* Pointer { get; private set; }

    public long Bytes { get; }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.AlignedFree(Pointer);
        Pointer = null;
    }
}
