namespace Recs.Embedder.Compute.Cuda;

/// <summary>How rows get to the device whose expert they chose, and back. Everything is queued: nobody waits on the host.</summary>
internal interface IExpertExchange
{
    /// <summary>What <paramref name="owner"/> is given from now on finds what <paramref name="home"/> has been given so far.</summary>
    void Open(ExpertWorker home, ExpertWorker owner);

    /// <summary>From the first device to an expert's.</summary>
    void Send(ExpertWorker home, DevicePointer from, ExpertWorker owner, DevicePointer to, long bytes);

    /// <summary>From an expert's device to the first.</summary>
    void Return(ExpertWorker owner, DevicePointer from, ExpertWorker home, DevicePointer to, long bytes);

    /// <summary>What <paramref name="home"/> is given from now on finds what <paramref name="owner"/> has returned.</summary>
    void Close(ExpertWorker owner, ExpertWorker home);
}

/// <summary>Copies between the devices of one process, over NVLink or PCIe as the driver has it. One caller at a time.</summary>
internal sealed class PeerExchange(IReadOnlyList<ExpertWorker> workers, CudaArena[] arenas) : IExpertExchange
{
    // An event belongs to the device it is recorded on.
    private readonly CudaEvent[] _events = [.. arenas.Select(arena => arena.NewEvent())];

    public void Open(ExpertWorker home, ExpertWorker owner) => Pass(home, owner);

    public void Send(ExpertWorker home, DevicePointer from, ExpertWorker owner, DevicePointer to, long bytes) =>
        owner.Stream.CopyBetween(home.Stream.Device, from, owner.Stream.Device, to, bytes);

    public void Return(ExpertWorker owner, DevicePointer from, ExpertWorker home, DevicePointer to, long bytes) =>
        owner.Stream.CopyBetween(owner.Stream.Device, from, home.Stream.Device, to, bytes);

    public void Close(ExpertWorker owner, ExpertWorker home) => Pass(owner, home);

    private void Pass(ExpertWorker from, ExpertWorker to)
    {
        var at = 0;
        while (!ReferenceEquals(workers[at], from)) at++;
        _events[at].Record(from.Stream);
        _events[at].Before(to.Stream);
    }
}
