namespace Recs.Embedder.Compute.Cuda;

/// <summary>
/// The buffers of one compute instance. They grow while shapes are new and never again: a warm pass allocates nothing. <see cref="Moves"/>
/// tells those who keep addresses that they are not good any more.
/// </summary>
internal sealed class CudaArena(CudaDevice device) : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    /// <summary>How often a buffer has got another address.</summary>
    public int Moves { get; private set; }

    public CudaDevice Device => device;

    public DeviceBuffer NewBuffer(string use) => Own(new DeviceBuffer(device, use));

    public PinnedBuffer NewPinned() => Own(new PinnedBuffer(device));

    public CudaEvent NewEvent() => Own(new CudaEvent(device));

    public void Reserve(DeviceBuffer buffer, long bytes)
    {
        if (buffer.Reserve(bytes)) Moves++;
    }

    public void Reserve(PinnedBuffer buffer, long bytes)
    {
        if (buffer.Reserve(bytes)) Moves++;
    }

    public void Dispose()
    {
        foreach (var one in _owned) one.Dispose();
        _owned.Clear();
    }

    private T Own<T>(T one) where T : IDisposable
    {
        _owned.Add(one);
        return one;
    }
}
