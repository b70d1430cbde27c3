using System.Text;
using Recs.Embedder.Compute.Cuda.Native;

namespace Recs.Embedder.Compute.Cuda;

/// <summary>All kernels of a device, compiled for it or taken from the cache, by their symbols. Thread-safe once made.</summary>
internal sealed unsafe class KernelModule : IDisposable
{
    private const string Prefix = "Recs.Embedder.Compute.Cuda.Kernels.";

    private readonly CudaDevice _device;
    private readonly List<nint> _modules = [];
    private readonly Dictionary<string, nint> _functions = [];
    private readonly Lock _gate = new();

    private KernelModule(CudaDevice device) => _device = device;

    /// <summary>The texts of all kernels, by file name.</summary>
    public static IEnumerable<(string Name, string Source)> Sources()
    {
        var assembly = typeof(KernelModule).Assembly;
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(".cu", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var text = new StreamReader(assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
            yield return (resource[Prefix.Length..], text.ReadToEnd());
        }
    }

    /// <exception cref="CudaException">A kernel does not compile or load.</exception>
    public static KernelModule Load(CudaDevice device, KernelCache cache)
    {
        device.MakeCurrent();
        var kernels = new KernelModule(device);
        try
        {
            foreach (var (name, source) in Sources()) kernels.Load(name, source, cache);
            return kernels;
        }
        catch
        {
            kernels.Dispose();
            throw;
        }
    }

    /// <summary>The function of a symbol, allowed as much shared memory as it asks for.</summary>
    /// <exception cref="CudaException">The device gives it less shared memory.</exception>
    public nint Function(string symbol, int sharedBytes)
    {
        lock (_gate)
        {
            if (!_functions.TryGetValue(symbol, out var function)) _functions[symbol] = function = Find(symbol);
            if (sharedBytes > DefaultShared)
                CudaStatus.Check(Libcuda.FuncSetAttribute(function, Libcuda.FunctionMaxDynamicShared, sharedBytes), $"giving kernel {symbol} {sharedBytes} bytes of shared memory");
            return function;
        }
    }

    /// <summary>What a block may use without asking.</summary>
    private const int DefaultShared = 48 << 10;

    public void Dispose()
    {
        _device.MakeCurrent();
        foreach (var module in _modules) _ = Libcuda.ModuleUnload(module);
        _modules.Clear();
    }

    private void Load(string name, string source, KernelCache cache)
    {
        var fingerprint = KernelCompiler.Fingerprint(_device.Architecture);
        var cubin = cache.Get(source, fingerprint, () => KernelCompiler.Compile(name, source, _device.Architecture));
        nint module;
        var result = LoadData(cubin, &module);
        if (result != Libcuda.Success)
        {
            // The cached file may be damaged.
            cache.Remove(source, fingerprint);
            result = LoadData(cache.Get(source, fingerprint, () => KernelCompiler.Compile(name, source, _device.Architecture)), &module);
        }
        CudaStatus.Check(result, $"loading kernel {name}");
        _modules.Add(module);
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
        foreach (var module in _modules)
        {
            nint function;
            if (Libcuda.ModuleGetFunction(&function, module, name) == Libcuda.Success) return function;
        }
        throw new InvalidOperationException($"no kernel is named {symbol}");
    }
}
