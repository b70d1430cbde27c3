using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Recs.Pipelines.Plan;

/// <summary>The operating system's memory of what was read from files.</summary>
internal static partial class FileCache
{
    /// <summary>POSIX_FADV_DONTNEED of Linux.</summary>
    private const int DoNotNeed = 4;

    /// <summary>Asks to forget a file's bytes, so that reading them reads the disk. Bytes that are not written yet, or mapped, stay.</summary>
    /// <returns>Whether the system took the advice; false where it cannot be given.</returns>
    public static bool TryDrop(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess) return false;
        try
        {
            return Advise(file, 0, 0, DoNotNeed) == 0;
        }
        catch (Exception absent) when (absent is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    // https://man7.org/linux/man-pages/man2/posix_fadvise.2.html; a length of 0 is the whole file.
    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(SafeFileHandle file, long offset, long length, int advice);
}
