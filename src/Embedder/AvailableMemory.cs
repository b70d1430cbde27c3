using System.Globalization;

namespace Recs.Embedder;

/// <summary>What this process may still use of the machine's memory.</summary>
public static class AvailableMemory
{
    private const string LinuxFile = "/proc/meminfo";

    /// <summary>Bytes: what the system says is to be had, within the limit of the process's group; some is left to others.</summary>
    public static long Bytes()
    {
        // The limit of a container, or all there is.
        var limit = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        var free = File.Exists(LinuxFile) ? Parse(File.ReadLines(LinuxFile)) ?? limit : limit;
        return (long)(Math.Min(limit, free) * 0.9);
    }

    /// <summary>The line <c>MemAvailable: N kB</c> of /proc/meminfo in bytes, if there is one.</summary>
    internal static long? Parse(IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            var parts = line.Split((char[])[':', ' '], StringSplitOptions.RemoveEmptyEntries);
            if (parts is ["MemAvailable", var number, "kB"] && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var kibibytes)) return kibibytes * 1024;
        }
        return null;
    }
}
