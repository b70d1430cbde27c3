using System.Globalization;
using System.Runtime.InteropServices;
using Recs.Domain;
using Recs.Embedder.Compute.Cuda.Native;

namespace Recs.Embedder.Compute.Cuda;

/// <summary>One GPU: its primary context, its memory and its cuBLASLt handle. Thread-safe; a thread that calls the driver calls <see cref="MakeCurrent"/> first.</summary>
internal sealed unsafe class CudaDevice : IDisposable
{
    /// <summary>Counts devices that were closed: a context that comes back under its former address is another one.</summary>
    private static int _closed;

    [ThreadStatic]
    private static (nint Context, int Closed) _current;

    private CudaDevice(int ordinal, int handle, nint context)
    {
        (Ordinal, Handle, Context) = (ordinal, handle, context);
        MakeCurrent();
        var name = stackalloc byte[256];
        CudaStatus.Check(Libcuda.DeviceGetName(name, 256, handle), "asking for the device's name");
        Name = Marshal.PtrToStringUTF8((nint)name)!;
        (Major, Minor, Multiprocessors) = (Attribute(Libcuda.AttributeMajor), Attribute(Libcuda.AttributeMinor), Attribute(Libcuda.AttributeMultiprocessors));
        nint products;
        CudaStatus.CheckProduct(CublasLt.Create(&products), "starting cuBLASLt");
        Products = products;
    }

    /// <summary>The driver's number of it.</summary>
    public int Ordinal { get; }

    /// <summary>CUdevice</summary>
    public int Handle { get; }

    public nint Context { get; }

    public string Name { get; }

    public int Major { get; }

    public int Minor { get; }

    public int Multiprocessors { get; }

    /// <summary>The machine code it runs, such as sm_90.</summary>
    public string Architecture => $"sm_{Major}{Minor}";

    /// <summary>cublasLtHandle_t</summary>
    public nint Products { get; }

    /// <param name="ordinal">0 .. devices − 1.</param>
    /// <param name="devices">How many the driver has.</param>
    /// <exception cref="RefusedException">There is no such device.</exception>
    public static CudaDevice Open(int ordinal, int devices)
    {
        if (ordinal < 0 || ordinal >= devices) throw new RefusedException($"GPU {ordinal} is out of range: the driver has {devices}, numbered from 0; give others to --devices");
        int handle;
        nint context;
        CudaStatus.Check(Libcuda.DeviceGet(&handle, ordinal), $"opening GPU {ordinal}");
        CudaStatus.Check(Libcuda.DevicePrimaryCtxRetain(&context, handle), $"opening GPU {ordinal}");
        return new CudaDevice(ordinal, handle, context);
    }

    /// <summary>Sends this thread's driver calls to this device.</summary>
    public void MakeCurrent()
    {
        var current = (Context, Volatile.Read(ref _closed));
        if (_current == current) return;
        CudaStatus.Check(Libcuda.CtxSetCurrent(Context), $"turning to GPU {Ordinal}");
        _current = current;
    }

    /// <summary>Bytes free, of all processes together, and there in all.</summary>
    public (long Free, long Total) Memory()
    {
        MakeCurrent();
        nuint free, total;
        CudaStatus.Check(Libcuda.MemGetInfo(&free, &total), "asking for the device's memory");
        return ((long)free, (long)total);
    }

    /// <param name="bytes">At least 1.</param>
    /// <param name="use">What for, for the message where it fails.</param>
    /// <exception cref="CudaException">There is not enough memory.</exception>
    public ulong Allocate(long bytes, string use)
    {
        MakeCurrent();
        ulong address;
        var result = Libcuda.MemAlloc(&address, (nuint)Math.Max(1, bytes));
        if (result == Libcuda.Success) return address;
        var (free, total) = Memory();
        throw CudaStatus.Failure(result, string.Create(CultureInfo.InvariantCulture, $"allocating {bytes / 1e6:0.###} MB for {use}"), string.Create(CultureInfo.InvariantCulture,
            $"{free / 1e6:0.#} of {total / 1e6:0.#} MB are free on GPU {Ordinal}; take --residency stream, a smaller --memory, or a precision with smaller weights (--precision bf16 or fp8-experts)"));
    }

    /// <summary>What has failed by now has told so already, and a broken context frees all of its memory.</summary>
    public void Free(ulong address)
    {
        MakeCurrent();
        _ = Libcuda.MemFree(address);
    }

    public void Dispose()
    {
        MakeCurrent();
        _ = CublasLt.Destroy(Products);
        _ = Libcuda.CtxSetCurrent(0);
        Interlocked.Increment(ref _closed);
        _ = Libcuda.DevicePrimaryCtxRelease(Handle);
    }

    private int Attribute(int attribute)
    {
        int value;
        CudaStatus.Check(Libcuda.DeviceGetAttribute(&value, attribute, Handle), $"asking for attribute {attribute} of GPU {Ordinal}");
        return value;
    }
}
