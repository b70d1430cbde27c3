using System.Runtime.InteropServices;
using Recs.Embedder.Compute.Cuda;
using Recs.Embedder.Tests.Cuda.Cases;

namespace Recs.Embedder.Tests.Cuda.Simulator;

/// <summary>The simulator in this process, with guard bytes around every buffer, looked at after every launch.</summary>
/// <param name="order">0: threads and blocks run in ascending order; 1: in descending.</param>
internal sealed unsafe class SimulatedDevice(int order) : CaseDevice, IDisposable
{
    private const int Guard = 256;
    private const byte GuardByte = 0xA5;

    private static readonly Lazy<nint> Library = new(() => NativeLibrary.Load(SimulatorBuild.SharedLibrary));

    private readonly List<(nint Memory, int Bytes)> _buffers = [];

    public override void Launch(string symbol, LaunchShape shape, void** arguments)
    {
        var setOrder = (delegate* unmanaged<int, void>)NativeLibrary.GetExport(Library.Value, "simSetOrder");
        var launch = (delegate* unmanaged<byte*, uint, uint, uint, uint, uint, void**, int>)NativeLibrary.GetExport(Library.Value, "simLaunch");
        var error = (delegate* unmanaged<byte*>)NativeLibrary.GetExport(Library.Value, "simError");
        setOrder(order);
        var name = System.Text.Encoding.UTF8.GetBytes(symbol + '\0');
        fixed (byte* pointer = name)
            if (launch(pointer, (uint)shape.GridX, (uint)shape.GridY, (uint)shape.GridZ, (uint)shape.Threads, (uint)shape.SharedBytes, arguments) != 0)
                throw new CaseFailedException(Marshal.PtrToStringUTF8((nint)error())!);
        foreach (var (memory, bytes) in _buffers)
            if (new ReadOnlySpan<byte>((byte*)memory, Guard).ContainsAnyExcept(GuardByte) || new ReadOnlySpan<byte>((byte*)memory + Guard + bytes, Guard).ContainsAnyExcept(GuardByte))
                throw new CaseFailedException($"kernel {symbol} wrote outside a buffer of {bytes} bytes");
    }

    public void Dispose()
    {
        foreach (var (memory, _) in _buffers) NativeMemory.AlignedFree((void*)memory);
        _buffers.Clear();
    }

    protected override DevicePointer Allocate(byte[] content, bool isTable)
    {
        var memory = (byte*)NativeMemory.AlignedAlloc((nuint)(content.Length + 2 * Guard), Guard);
        new Span<byte>(memory, content.Length + 2 * Guard).Fill(GuardByte);
        content.CopyTo(new Span<byte>(memory + Guard, content.Length));
        _buffers.Add(((nint)memory, content.Length));
        return new DevicePointer((ulong)memory + Guard);
    }

    protected override byte[] Read(DevicePointer memory)
    {
        var (start, bytes) = _buffers.Single(buffer => (ulong)buffer.Memory + Guard == memory.Address);
        return new ReadOnlySpan<byte>((byte*)start + Guard, bytes).ToArray();
    }
}
