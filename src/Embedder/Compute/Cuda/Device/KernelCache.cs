using System.Security.Cryptography;
using System.Text;

namespace Recs.Embedder.Compute.Cuda;

/// <summary>
/// Compiled kernels kept from run to run, by a hash of everything that decides them. A file appears whole or not at all, so that any number
/// of processes may share the folder; one that cannot be written is done without.
/// </summary>
/// <param name="folder">Made when it is needed.</param>
internal sealed class KernelCache(string folder)
{
    /// <summary>Names the folder where another is wanted.</summary>
    public const string FolderVariable = "RECS_CUDA_CACHE";

    /// <summary>Below the user's cache folder.</summary>
    public static KernelCache OfUser()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } named) return new KernelCache(named);
        var root = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache ? cache
            : OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return new KernelCache(Path.Combine(root, "recs", "cubin"));
    }

    /// <summary>The machine code from the cache, or from <paramref name="compile"/> and then into the cache.</summary>
    /// <param name="source">The text.</param>
    /// <param name="fingerprint">What else decides it.</param>
    /// <param name="compile">Makes it.</param>
    public byte[] Get(string source, string fingerprint, Func<byte[]> compile)
    {
        var path = PathOf(source, fingerprint);
        if (Read(path) is { } kept) return kept;
        var made = compile();
        Write(path, made);
        return made;
    }

    /// <summary>Forgets what turned out to be damaged.</summary>
    public void Remove(string source, string fingerprint)
    {
        try
        {
            File.Delete(PathOf(source, fingerprint));
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            // It is compiled anew each time, then.
        }
    }

    private string PathOf(string source, string fingerprint) =>
        Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{fingerprint}\n{source}"))) + ".cubin");

    private static byte[]? Read(string path)
    {
        try
        {
            return File.Exists(path) && new FileInfo(path).Length > 0 ? File.ReadAllBytes(path) : null;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private void Write(string path, byte[] cubin)
    {
        var partial = $"{path}.{Environment.ProcessId}.{Environment.CurrentManagedThreadId}";
        try
        {
            Directory.CreateDirectory(folder);
            File.WriteAllBytes(partial, cubin);
            File.Move(partial, path, overwrite: true);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            // The next run compiles again.
        }
    }
}
