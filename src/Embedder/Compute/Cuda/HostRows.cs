using System.Runtime.InteropServices;

namespace Recs.Embedder.Compute.Cuda;

/// <summary>Rows between host and device through pinned memory that is kept. One caller at a time.</summary>
internal sealed unsafe class HostRows(CudaStream stream, CudaArena arena)
{
    private readonly PinnedBuffer _sent = arena.NewPinned();
    private readonly PinnedBuffer _received = arena.NewPinned();
    private readonly DeviceBuffer _room = arena.NewBuffer("pooled vectors");
    private readonly CudaEvent _sentAll = arena.NewEvent();

    /// <summary>The table's rows of <paramref name="ids"/>, as float32.</summary>
    public void Send(CpuEmbeddingTable table, ReadOnlySpan<int> ids, DevicePointer to)
    {
        var columns = table.Columns;
        _sentAll.Wait();
        arena.Reserve(_sent, (long)ids.Length * columns * sizeof(float));
        var rows = (float*)_sent.Pointer;
        for (var t = 0; t < ids.Length; t++) table.CopyRow(ids[t], new Span<float>(rows + (nint)t * columns, columns));
        stream.Upload(rows, to, (long)ids.Length * columns * sizeof(float));
        _sentAll.Record(stream);
    }

    /// <summary>Device memory for so many float32, until the next call.</summary>
    public DevicePointer Room(int count)
    {
        arena.Reserve(_room, (long)count * sizeof(float));
        return _room.Pointer;
    }

    /// <summary>Waits for the device.</summary>
    public void Receive<T>(DevicePointer from, Span<T> to) where T : unmanaged
    {
        var bytes = (long)to.Length * sizeof(T);
        arena.Reserve(_received, bytes);
        stream.Download(from, _received.Pointer, bytes);
        stream.Wait();
        MemoryMarshal.Cast<byte, T>(new Span<byte>(_received.Pointer, checked((int)bytes))).CopyTo(to);
    }
}
