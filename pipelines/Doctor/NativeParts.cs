using System.Runtime.InteropServices;
using Recs.Domain;
using Recs.Ingest;
using Recs.Storage;

namespace Recs.Pipelines.Doctor;

/// <summary>Libraries outside .NET, each loaded to see whether it works.</summary>
internal static class NativeParts
{
    public static IEnumerable<Finding> Find()
    {
        yield return LightGbm();
        yield return Works("Kafka client", "librdkafka loads, the embedded broker starts and stops", () => new EmbeddedBroker().Dispose());
        yield return Works("DuckDB", "opens in memory", () =>
        {
            using var store = EventStore.Open("duckdb::memory:");
            store.Migrate();
        });
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
