namespace Recs.Embedder.Compute.Cuda;

/// <summary>
/// Where a library may be, the first that opens counts: the folder of <c>RECS_CUDA_PATH</c>, the system's names, <c>CUDA_PATH</c>, then the
/// folders of NVIDIA's Python packages in the active environment and the user's.
/// </summary>
/// <param name="environment">A variable's value, or null.</param>
internal sealed class CudaSearch(Func<string, string?> environment)
{
    /// <summary>Names a folder that is looked in first: one with the libraries in it, or one that Python packages are installed in.</summary>
    public const string FolderVariable = "RECS_CUDA_PATH";

    private string? Explicit => NotEmpty(environment(FolderVariable));

    /// <summary>Of this process.</summary>
    public static CudaSearch Here { get; } = new(Environment.GetEnvironmentVariable);

    /// <summary>Names to open, in order: full paths of files that are there, and bare names for the system to find.</summary>
    public IEnumerable<string> Candidates(CudaLibrary library)
    {
        if (Explicit is { } named)
            foreach (var path in In([named, .. library.PipFolders.Select(pip => Path.Combine(named, pip))], library)) yield return path;
        foreach (var name in library.FileNames) yield return name;
        if (NotEmpty(environment("CUDA_PATH")) is { } toolkit)
            foreach (var path in In([Path.Combine(toolkit, "lib64"), Path.Combine(toolkit, "lib"), Path.Combine(toolkit, "bin"), Path.Combine(toolkit, "bin", "x64")], library)) yield return path;
        foreach (var packages in SitePackages())
            foreach (var path in In(library.PipFolders.Select(pip => Path.Combine(packages, pip)), library)) yield return path;
    }

    /// <summary>What was looked for and where, for a person.</summary>
    public string Describe(CudaLibrary library) =>
        $"{library.Part}: none of {string.Join(", ", library.FileNames)} opens (looked in {FolderVariable}{Told(Explicit)}, the system's libraries, CUDA_PATH{Told(NotEmpty(environment("CUDA_PATH")))}"
        + $"{(library.PipFolders.Count == 0 ? "" : ", " + string.Join(" and ", library.PipFolders) + " of Python's packages")}); {library.Advice}";

    private IEnumerable<string> SitePackages()
    {
        List<string> roots = [];
        if (NotEmpty(environment("VIRTUAL_ENV")) is { } venv) roots.Add(venv);
        if (NotEmpty(environment("CONDA_PREFIX")) is { } conda) roots.Add(conda);
        if (NotEmpty(environment("HOME")) is { } home) roots.Add(Path.Combine(home, ".local"));
        foreach (var root in roots)
        {
            var windows = Path.Combine(root, "Lib", "site-packages");
            if (OperatingSystem.IsWindows() && Directory.Exists(windows)) yield return windows;
            var lib = Path.Combine(root, "lib");
            if (OperatingSystem.IsWindows() || !Directory.Exists(lib)) continue;
            foreach (var python in Directory.EnumerateDirectories(lib, "python3*").Order(StringComparer.Ordinal)) yield return Path.Combine(python, "site-packages");
        }
    }

    private static IEnumerable<string> In(IEnumerable<string> folders, CudaLibrary library) =>
        folders.SelectMany(folder => library.FileNames.Select(name => Path.GetFullPath(Path.Combine(folder, name)))).Where(File.Exists);

    private static string Told(string? value) => value is null ? " (not set)" : $"={value}";

    private static string? NotEmpty(string? value) => string.IsNullOrEmpty(value) ? null : value;
}
