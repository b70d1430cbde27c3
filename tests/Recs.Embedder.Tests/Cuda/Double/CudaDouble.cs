using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Recs.Embedder.Compute.Cuda;
using Recs.Embedder.Tests.Cuda.Simulator;
using Recs.Tests;

namespace Recs.Embedder.Tests.Cuda.Double;

/// <summary>
/// The three libraries' test double, built by g++ beside the simulator and found by this process as the real ones would be. A test begins a run
/// of it with what it wishes for; at the run's end everything must have been given back.
/// </summary>
internal sealed unsafe class CudaDouble : IDisposable
{
    private static readonly string Sources = Path.Combine(Requirements.Root, "tests", "Recs.Embedder.Tests", "Cuda", "Double");
    private static readonly Lazy<(string Folder, nint Library)> Built = new(Build);
    private static readonly SemaphoreSlim Turn = new(1);

    private readonly (long Live, long Handles) _before;

    private CudaDouble(ReadOnlySpan<(string Name, long Value)> wishes)
    {
        Call("doubleReset");
        _before = (Count("live"), Count("handles"));
        foreach (var (name, value) in wishes) Wish(name, value);
    }

    /// <summary>Holds the libraries.</summary>
    public static string Folder => Built.Value.Folder;

    /// <summary>A run with these wishes, see failures.cpp. Skips where there is no g++.</summary>
    public static CudaDouble Begin(params ReadOnlySpan<(string Name, long Value)> wishes)
    {
        SimulatorBuild.Need();
        Turn.Wait();
        return new CudaDouble(wishes);
    }

    /// <summary>Such as ("allocation", 5): the fifth allocation from now fails.</summary>
    public void Wish(string name, long value)
    {
        var text = Encoding.UTF8.GetBytes(name + '\0');
        fixed (byte* pointer = text)
            if (((delegate* unmanaged<byte*, nint, int>)NativeLibrary.GetExport(Built.Value.Library, "doubleWish"))(pointer, (nint)value) != 0) throw new ArgumentException($"the double knows no wish {name}", nameof(name));
    }

    /// <summary>Of what has happened so far, see failures.cpp.</summary>
    public long Count(string name)
    {
        var text = Encoding.UTF8.GetBytes(name + '\0');
        fixed (byte* pointer = text) return ((delegate* unmanaged<byte*, nint>)NativeLibrary.GetExport(Built.Value.Library, "doubleCount"))(pointer);
    }

    public void Dispose()
    {
        try
        {
            Assert.Equal((_before.Live, _before.Handles, 0), (Count("live"), Count("handles"), Count("guards")));
        }
        finally
        {
            Call("doubleReset");
            Turn.Release();
        }
    }

    private static void Call(string name) => ((delegate* unmanaged<void>)NativeLibrary.GetExport(Built.Value.Library, name))();

    private static (string, nint) Build()
    {
        var simulator = SimulatorBuild.SharedLibrary;
        var sources = Directory.EnumerateFiles(Sources, "*.cpp").Order(StringComparer.Ordinal).ToArray();
        var texts = string.Concat(sources.Append(Path.Combine(Sources, "double.h")).Select(File.ReadAllText));
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(texts + simulator)))[..16];
        var folder = Path.Combine(Requirements.Root, "artifacts", "cuda-double", hash);
        if (!Directory.Exists(folder))
        {
            var partial = Directory.CreateDirectory($"{folder}.{Environment.ProcessId}").FullName;
            var library = Path.Combine(partial, "libcuda.so.1");
            var arguments = $"-std=c++17 -O2 -fopenmp-simd -fPIC -shared -pthread -Wall -Werror -Wl,-z,defs -o {library} {string.Join(' ', sources)} {simulator}";
            using var compiler = Process.Start(new ProcessStartInfo("g++", arguments) { RedirectStandardError = true })!;
            var errors = compiler.StandardError.ReadToEnd();
            compiler.WaitForExit();
            if (compiler.ExitCode != 0) throw new InvalidOperationException($"g++ {arguments}\n{errors}");
            foreach (var name in (string[])["libnvrtc.so.12", "libcublasLt.so.12"]) File.CreateSymbolicLink(Path.Combine(partial, name), "libcuda.so.1");
            try
            {
                Directory.Move(partial, folder);
            }
            catch (IOException) when (Directory.Exists(folder))
            {
                Directory.Delete(partial, recursive: true);
            }
        }
        Environment.SetEnvironmentVariable(CudaSearch.FolderVariable, folder);
        Environment.SetEnvironmentVariable(KernelCache.FolderVariable, Path.Combine(folder, "cache"));
        return (folder, NativeLibrary.Load(Path.Combine(folder, "libcuda.so.1")));
    }
}
