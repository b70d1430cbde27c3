using System.Text;
using Recs.Embedder.Compute.Cuda;
using Recs.Embedder.Tests.Cuda.Cases;

namespace Recs.Embedder.Tests.Cuda.Simulator;

/// <summary>The simulator under AddressSanitizer in a process of its own, see child.cpp. All buffers travel with every launch.</summary>
/// <param name="process">The process; a device uses it alone.</param>
/// <param name="order">0: threads and blocks run in ascending order; 1: in descending.</param>
internal sealed unsafe class CheckedDevice(SimulatorProcess process, int order) : CaseDevice
{
    /// <summary>An address is (buffer + 1) · 2^40 + offset.</summary>
    private const int BufferShift = 40;

    private readonly List<(byte[] Content, bool IsTable)> _buffers = [];

    public override void Launch(string symbol, LaunchShape shape, void** arguments)
    {
        var parameters = process.Parameters(symbol);
        using var request = new MemoryStream();
        using var writer = new BinaryWriter(request);
        writer.Write(_buffers.Count);
        foreach (var (content, isTable) in _buffers)
        {
            writer.Write((long)content.Length);
            writer.Write(isTable ? 1 : 0);
            writer.Write(content);
        }
        var name = Encoding.UTF8.GetBytes(symbol);
        writer.Write(name.Length);
        writer.Write(name);
        foreach (var part in new[] { shape.GridX, shape.GridY, shape.GridZ, shape.Threads, shape.SharedBytes, order }) writer.Write(part);
        writer.Write(parameters.Length);
        for (var i = 0; i < parameters.Length; i++) writer.Write(parameters[i] is 'p' or 'l' ? *(ulong*)arguments[i] : *(uint*)arguments[i]);
        process.Exchange(request.ToArray(), reader =>
        {
            var code = reader.ReadInt32();
            var message = Encoding.UTF8.GetString(reader.ReadBytes(reader.ReadInt32()));
            if (code != 0) throw new CaseFailedException(message);
            for (var i = 0; i < _buffers.Count; i++) _buffers[i] = (reader.ReadBytes(_buffers[i].Content.Length), _buffers[i].IsTable);
        });
    }

    protected override DevicePointer Allocate(byte[] content, bool isTable)
    {
        _buffers.Add((content, isTable));
        return new DevicePointer((ulong)_buffers.Count << BufferShift);
    }

    protected override byte[] Read(DevicePointer memory) => _buffers[(int)(memory.Address >> BufferShift) - 1].Content;
}
