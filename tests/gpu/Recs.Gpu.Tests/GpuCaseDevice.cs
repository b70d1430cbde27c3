using Recs.Embedder.Compute.Cuda;
using Recs.Embedder.Tests.Cuda.Cases;

namespace Recs.Gpu.Tests;

/// <summary>A GPU as the kernels' cases see it. Each buffer is an allocation of its own, so that compute-sanitizer sees a step beyond it.</summary>
internal sealed unsafe class GpuCaseDevice(Gpu gpu) : CaseDevice, IDisposable
{
    private readonly List<(DevicePointer Memory, int Bytes)> _buffers = [];

    public override void Launch(string symbol, LaunchShape shape, void** arguments)
    {
        gpu.Stream.Launch(symbol, shape, arguments);
        gpu.Stream.Wait();
    }

    public void Dispose()
    {
        foreach (var (memory, _) in _buffers) gpu.Device.Free(memory.Address);
    }

    protected override DevicePointer Allocate(byte[] content, bool isTable)
    {
        var memory = new DevicePointer(gpu.Device.Allocate(content.Length, "a test's buffer"));
        _buffers.Add((memory, content.Length));
        using var pinned = new PinnedBuffer(gpu.Device);
        pinned.Reserve(Math.Max(1, content.Length));
        content.CopyTo(new Span<byte>(pinned.Pointer, content.Length));
        gpu.Stream.Upload(pinned.Pointer, memory, content.Length);
        gpu.Stream.Wait();
        return memory;
    }

    protected override byte[] Read(DevicePointer memory)
    {
        var bytes = _buffers.Single(buffer => buffer.Memory == memory).Bytes;
        using var pinned = new PinnedBuffer(gpu.Device);
        pinned.Reserve(Math.Max(1, bytes));
        gpu.Stream.Download(memory, pinned.Pointer, bytes);
        gpu.Stream.Wait();
        return new ReadOnlySpan<byte>(pinned.Pointer, bytes).ToArray();
    }
}
