using System.Text;
using Recs.Embedder.Compute.Cuda.Kernels;
using Recs.Embedder.Compute.Cuda.Native;

namespace Recs.Embedder.Compute.Cuda;

/// <summary>All kernels of a device, compiled for it or taken from the cache, by their symbols. Thread-safe once made.</summary>
internal sealed unsafe class KernelModule : IDisposable
{
    private readonly CudaDevice _device;
    private readonly nint _module;
    private readonly Dictionary<string, nint> _functions = [];
    private readonly Lock _gate = new();

    private KernelModule(CudaDevice device, nint module) => (_device, _module) = (device, module);

    /// <exception cref="CudaException">A kernel does not compile or load.</exception>
    public static KernelModule Load(CudaDevice device, KernelCache cache)
    {
        device.MakeCurrent();
        var fingerprint = KernelCompiler.Fingerprint(device.Architecture);
        byte[] Compiled() => cache.Get(KernelSource.All, fingerprint, () => KernelCompiler.Compile("kernels.cu", KernelSource.All, device.Architecture));
        nint module;
        var result = LoadData(Compiled(), &module);
        if (result != Libcuda.Success)
        {
            // The cached file may be damaged.
            cache.Remove(KernelSource.All, fingerprint);
            result = LoadData(Compiled(), &module);
        }
        CudaStatus.Check(result, "loading the kernels");
        return new KernelModule(device, module);
    }

    /// <summary>The function of a symbol.</summary>
    public nint Function(string symbol)
    {
        lock (_gate) return _functions.TryGetValue(symbol, out var function) ? function : _functions[symbol] = Find(symbol);
    }

    public void Dispose()
    {
        _device.MakeCurrent();
        _ = Libcuda.ModuleUnload(_module);
    }

    private static int LoadData(byte[] cubin, nint* module)
    {
        fixed (byte* image = cubin) return Libcuda.ModuleLoadData(module, image);
    }

    private nint Find(string symbol)
    {
        var name = stackalloc byte[Encoding.UTF8.GetMaxByteCount(symbol.Length) + 1];
        var length = Encoding.UTF8.GetBytes(symbol, new Span<byte>(name, symbol.Length * 3));
        name[length] = 0;
        nint function;
        var result = Libcuda.ModuleGetFunction(&function, _module, name);
        CudaStatus.Check(result, $"looking for kernel {symbol}");
        return function;
    }
}
