using System.Runtime.InteropServices;
using Recs.Domain;
using Recs.Ingest;
using Recs.Storage;

namespace Recs.Pipelines.Doctor;

/// <summary>Libraries outside .NET, each loaded to see whether it works.</summary>
internal static class NativeParts
{
    /// <summary>CUDA's major versions, newest first: the number is part of the libraries' names.</summary>
    private static readonly int[] CudaVersions = [13, 12];

    public static IEnumerable<Finding> Find()
    {
        var driver = OperatingSystem.IsWindows() ? "nvcuda" : "libcuda.so.1";
        yield return Loads(driver)
            ? Finding.Ok("GPU driver", $"{driver} loads")
            : Finding.Without("GPU driver", $"{driver} does not load: the CPU backend is used", "for a GPU, install NVIDIA's driver");
        yield return Cuda("NVRTC", "nvrtc", "cuda-nvrtc");
        yield return Cuda("cuBLASLt", "cublasLt", "libcublas");
        yield return LightGbm();
        yield return Works("Kafka client", "librdkafka loads, the embedded broker starts and stops", () => new EmbeddedBroker().Dispose());
        yield return Works("DuckDB", "opens in memory", () =>
        {
            using var store = EventStore.Open("duckdb::memory:");
            store.Migrate();
        });
    }

    private static Finding Cuda(string part, string library, string package)
    {
        var names = CudaVersions.Select(version => OperatingSystem.IsWindows() ? $"{library}64_{version}" : $"lib{library}.so.{version}").ToList();
        return names.Find(Loads) is { } found
            ? Finding.Ok(part, $"{found} loads")
            : Finding.Without(part, $"none of {string.Join(", ", names)} loads: the CPU backend is used", $"for a GPU, install CUDA's {package} (package {package}-12-9 or newer)");
    }

    private static Finding LightGbm()
    {
        const string Part = "LightGBM";
        if (OperatingSystem.IsLinux() && !Loads("libgomp.so.1"))
            return Finding.Without(Part, "libgomp.so.1 does not load: FastTree trains instead", "Debian and Ubuntu: apt-get install libgomp1; Fedora: dnf install libgomp");
        return Loads("lib_lightgbm")
            ? Finding.Ok(Part, "lib_lightgbm loads")
            : Finding.Without(Part, $"lib_lightgbm has no build for {RuntimeInformation.RuntimeIdentifier}: FastTree trains instead", "LightGBM runs on linux-x64, win-x64 and osx-x64");
    }

    private static Finding Works(string part, string detail, Action use)
    {
        try
        {
            use();
            return Finding.Ok(part, detail, needed: true);
        }
        catch (Exception failed) when (failed is RefusedException or DllNotFoundException or TypeInitializationException or BadImageFormatException)
        {
            return Finding.Missing(part, (failed.InnerException ?? failed).Message.ReplaceLineEndings(" "), $"build again on this machine ({RuntimeInformation.RuntimeIdentifier})");
        }
    }

    private static bool Loads(string library)
    {
        if (!NativeLibrary.TryLoad(library, typeof(NativeParts).Assembly, null, out var handle)) return false;
        NativeLibrary.Free(handle);
        return true;
    }
}
