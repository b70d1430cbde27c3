using Recs.Embedder.Checkpoint;

namespace Recs.Embedder.Compute.Cuda;

/// <summary>
/// The way of weights from files to the device: read straight into pinned memory, a buffer at a time, while the one before is being copied.
/// Numbers that are not finite are refused on the way. Thread-safe: several threads read, one stream copies.
/// </summary>
internal sealed unsafe class WeightStaging : IDisposable
{
    /// <summary>Large for a disk, and enough of them that reading, copying and other threads do not wait for one another.</summary>
    private const int SlotBytes = 16 << 20;

    private const int Slots = 4;

    private readonly CudaStream _copies;
    private readonly SemaphoreSlim _free = new(Slots);
    private readonly Stack<Slot> _idle = [];

    /// <param name="copies">The stream that copies.</param>
    public WeightStaging(CudaStream copies)
    {
        _copies = copies;
        for (var i = 0; i < Slots; i++) _idle.Push(new Slot(copies.Device));
    }

    /// <summary>Stored elements <paramref name="first"/> .. first + <paramref name="count"/> − 1 as they are.</summary>
    /// <exception cref="Domain.RefusedException">One is NaN or infinite, or the file has changed.</exception>
    public void Copy(TensorView tensor, long first, long count, DevicePointer to)
    {
        var (bytes, room) = (tensor.ElementBytes, SlotBytes / tensor.ElementBytes);
        for (long at = 0; at < count; at += room)
        {
            var some = (nint)Math.Min(room, count - at);
            var slot = Rent(some * bytes);
            try
            {
                tensor.Read(first + at, slot.Buffer.Pointer, some);
                tensor.RequireFinite(first + at, slot.Buffer.Pointer, some);
                slot.Send(_copies, to.Plus(at * bytes), some * bytes);
            }
            finally
            {
                Return(slot);
            }
        }
    }

    /// <summary>A few numbers.</summary>
    public void Copy<T>(ReadOnlySpan<T> values, DevicePointer to) where T : unmanaged
    {
        for (var at = 0; at < values.Length; at += SlotBytes / sizeof(T))
        {
            var some = values.Slice(at, Math.Min(SlotBytes / sizeof(T), values.Length - at));
            var slot = Rent((long)some.Length * sizeof(T));
            try
            {
                some.CopyTo(new Span<T>(slot.Buffer.Pointer, some.Length));
                slot.Send(_copies, to.Plus((long)at * sizeof(T)), (long)some.Length * sizeof(T));
            }
            finally
            {
                Return(slot);
            }
        }
    }

    public void Dispose()
    {
        foreach (var slot in _idle) slot.Dispose();
        _free.Dispose();
    }

    /// <summary>A buffer whose last copy is done.</summary>
    private Slot Rent(long bytes)
    {
        _free.Wait();
        Slot slot;
        lock (_idle) slot = _idle.Pop();
        try
        {
            slot.Sent.Wait();
            slot.Buffer.Reserve(bytes);
            return slot;
        }
        catch
        {
            Return(slot);
            throw;
        }
    }

    private void Return(Slot slot)
    {
        lock (_idle) _idle.Push(slot);
        _free.Release();
    }

    private sealed class Slot(CudaDevice device) : IDisposable
    {
        public PinnedBuffer Buffer { get; } = new(device);

        /// <summary>Behind the last copy from it.</summary>
        public CudaEvent Sent { get; } = new(device);

        public void Send(CudaStream copies, DevicePointer to, long bytes)
        {
            copies.Upload(Buffer.Pointer, to, bytes);
            Sent.Record(copies);
        }

        public void Dispose()
        {
            Buffer.Dispose();
            Sent.Dispose();
        }
    }
}
