using Recs.Domain;

namespace Recs.Pipelines.CommandLine;

/// <summary>Where the repository's own files lie: the bundled data and model.</summary>
internal static class Home
{
    private static string? _root;

    /// <summary>The root: <c>RECS_HOME</c>, or the nearest folder above the program that holds Recs.sln.</summary>
    /// <exception cref="RefusedException">Neither is there.</exception>
    public static string Root => _root ??= Find();

    /// <summary>The bundled embedding model.</summary>
    public static string Model => Path.Combine(Root, "models", "llama4-nano");

    private static string Find()
    {
        if (Environment.GetEnvironmentVariable("RECS_HOME") is { Length: > 0 } home) return home;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Recs.sln"))) return folder.FullName;
        throw new RefusedException($"no Recs.sln above {AppContext.BaseDirectory}: set RECS_HOME to the folder of the repository");
    }
}
