using System.Runtime.InteropServices;
using Recs.Embedder.Compute.Cuda;

namespace Recs.Embedder.Tests.Cuda.Cases;

/// <summary>Where a <see cref="KernelCase"/> runs: the simulator, its AddressSanitizer process or a GPU. What it read is kept, so that two devices' runs can be compared.</summary>
internal abstract unsafe class CaseDevice : IKernelLauncher
{
    /// <summary>What room is filled with before a kernel writes it: NaN in every float format, −1 as an integer.</summary>
    private const byte Untouched = 0xFF;

    public List<byte[]> Downloads { get; } = [];

    /// <summary>Memory of exactly this size; with <paramref name="isTable"/> its content are addresses.</summary>
    protected abstract DevicePointer Allocate(byte[] content, bool isTable);

    protected abstract byte[] Read(DevicePointer memory);

    public abstract void Launch(string symbol, LaunchShape shape, void** arguments);

    public DevicePointer Upload<T>(params T[] content) where T : unmanaged => Allocate(MemoryMarshal.AsBytes<T>(content).ToArray(), isTable: false);

    public DevicePointer Upload(float[] numbers, NumberFormat format) => format == NumberFormat.Float32 ? Upload(numbers) : Upload(Array.ConvertAll(numbers, Numbers.NarrowBF16));

    public DevicePointer UploadTable(params DevicePointer[] addresses) => Allocate(MemoryMarshal.AsBytes<DevicePointer>(addresses).ToArray(), isTable: true);

    public DevicePointer Room(long bytes)
    {
        var content = new byte[bytes];
        Array.Fill(content, Untouched);
        return Allocate(content, isTable: false);
    }

    public DevicePointer Room(long numbers, NumberFormat format) => Room(numbers * (format == NumberFormat.BFloat16 ? 2 : 4));

    public T[] Download<T>(DevicePointer memory) where T : unmanaged
    {
        var content = Read(memory);
        Downloads.Add(content);
        return MemoryMarshal.Cast<byte, T>(content).ToArray();
    }

    public float[] Download(DevicePointer memory, NumberFormat format) =>
        format == NumberFormat.Float32 ? Download<float>(memory) : Array.ConvertAll(Download<ushort>(memory), Numbers.WidenBF16);
}
