using System.Runtime.InteropServices;

namespace Recs.Pipelines.Bench;

/// <summary>The machine that figures were measured on.</summary>
/// <param name="Processor">As the operating system calls it.</param>
/// <param name="Architecture">Such as x64.</param>
/// <param name="Cores">Logical ones that this process may use.</param>
/// <param name="VectorBits">The widest vectors computed with in hardware.</param>
/// <param name="MemoryBytes">What this process may use.</param>
/// <param name="OperatingSystem">Name and version.</param>
/// <param name="Runtime">Of .NET.</param>
internal sealed record MachineFacts(string Processor, string Architecture, int Cores, int VectorBits, long MemoryBytes, string OperatingSystem, string Runtime)
{
    /// <summary>Of this process.</summary>
    public static MachineFacts Read() => new(
        ReadProcessor(), RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant(), Environment.ProcessorCount, FmaKernel.VectorBits,
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, RuntimeInformation.OSDescription, RuntimeInformation.FrameworkDescription);

    /// <summary>The highest use of physical memory of this process so far, in bytes.</summary>
    public static long PeakResidentBytes()
    {
        // VmHWM in kB; Process.PeakWorkingSet64 reads the same where there is no /proc.
        const string status = "/proc/self/status";
        var line = File.Exists(status) ? File.ReadLines(status).FirstOrDefault(text => text.StartsWith("VmHWM:", StringComparison.Ordinal)) : null;
        if (line is not null && long.TryParse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], out var kilobytes)) return kilobytes * 1024;
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }

    private static string ReadProcessor()
    {
        const string cpuinfo = "/proc/cpuinfo";
        var line = File.Exists(cpuinfo) ? File.ReadLines(cpuinfo).FirstOrDefault(text => text.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line?.Split(':', 2)[^1].Trim() ?? "unknown";
    }
}
