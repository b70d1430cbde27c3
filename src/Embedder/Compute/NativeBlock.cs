using System.Runtime.InteropServices;

namespace Recs.Embedder.Compute;

/// <summary>Cache-line aligned memory outside the collected heap, for weights: given back by <see cref="Free"/>, or with its owner.</summary>
internal sealed unsafe class NativeBlock
{
    public NativeBlock(long bytes)
    {
        Pointer = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(bytes, 1), 64);
        Bytes = bytes;
    }

    ~NativeBlock() => NativeMemory.AlignedFree(Pointer);

    public byte* Pointer { get; private set; }

    public long Bytes { get; }

    public void Free()
    {
        NativeMemory.AlignedFree(Pointer);
        Pointer = null;
    }
}
