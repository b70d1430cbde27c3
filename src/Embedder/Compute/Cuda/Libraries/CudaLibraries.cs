using System.Runtime.InteropServices;

namespace Recs.Embedder.Compute.Cuda;

/// <summary>Opens the three libraries once a process and hands them to the bindings. Thread-safe.</summary>
internal static class CudaLibraries
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<string, nint> Handles = [];
    private static readonly Dictionary<string, string> Names = [];
    private static bool _resolves;

    /// <summary>Opens what is not open yet.</summary>
    /// <exception cref="CudaUnavailableException">A library is missing; the message names each with all the names tried.</exception>
    public static void Load(CudaSearch search)
    {
        lock (Gate)
        {
            var missing = CudaLibrary.All.Where(library => !TryOpen(library, search)).ToList();
            if (missing.Count > 0) throw new CudaUnavailableException(string.Join("; ", missing.Select(search.Describe)));
        }
    }

    /// <summary>Opens one library; null where it does not open.</summary>
    /// <returns>The name or path it opened by.</returns>
    public static string? TryLoad(CudaLibrary library, CudaSearch search)
    {
        lock (Gate) return TryOpen(library, search) ? Names[library.BindingName] : null;
    }

    private static bool TryOpen(CudaLibrary library, CudaSearch search)
    {
        if (!_resolves)
        {
            NativeLibrary.SetDllImportResolver(typeof(CudaLibraries).Assembly, (name, _, _) => Handles.GetValueOrDefault(name));
            _resolves = true;
        }
        if (Handles.ContainsKey(library.BindingName)) return true;
        foreach (var name in search.Candidates(library))
        {
            if (library == CudaLibrary.Nvrtc) OpenBuiltins(name);
            if (!NativeLibrary.TryLoad(name, out var handle)) continue;
            (Handles[library.BindingName], Names[library.BindingName]) = (handle, name);
            return true;
        }
        return false;
    }

    /// <summary>NVRTC asks for its builtins by bare name, which only works where the system would find them: one that is open already is found too.</summary>
    private static void OpenBuiltins(string path)
    {
        if (Path.GetDirectoryName(path) is not { Length: > 0 } folder) return;
        var pattern = OperatingSystem.IsWindows() ? "nvrtc-builtins64_*.dll" : "libnvrtc-builtins.so*";
        foreach (var builtins in Directory.EnumerateFiles(folder, pattern).Order(StringComparer.Ordinal)) _ = NativeLibrary.TryLoad(builtins, out _);
    }
}
