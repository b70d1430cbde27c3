namespace Recs.Embedder.Compute.Cuda;

/// <summary>An address in device memory; zero is no memory.</summary>
internal readonly record struct DevicePointer(ulong Address)
{
    public static DevicePointer None => default;

    public bool IsNone => Address == 0;

    /// <summary>The address so many bytes further on.</summary>
    public DevicePointer Plus(long bytes) => new(checked((ulong)((long)Address + bytes)));
}
