using Recs.Domain;

namespace Recs.Pipelines.Demo;

/// <summary>Where a demo keeps what it makes. A new run starts from nothing: what an earlier run left under the same names is removed.</summary>
internal sealed class DemoFolder
{
    private const string Mark = ".recs-demo";

    /// <param name="path">Made when missing.</param>
    /// <exception cref="RefusedException">The folder holds things that no demo made.</exception>
    public DemoFolder(string path)
    {
        Path = System.IO.Path.GetFullPath(path);
        if (Directory.Exists(Path) && Directory.EnumerateFileSystemEntries(Path).Any() && !File.Exists(In(Mark)))
            throw new RefusedException($"{Path} is not empty and was not made by a demo; name another folder with --output");
        Directory.CreateDirectory(Path);
        File.WriteAllText(In(Mark), "Made by recs demo; removed and made anew by the next one.\n");
        foreach (var file in new[] { Database, Database + ".wal", Scores })
            if (File.Exists(file)) File.Delete(file);
    }

    public string Path { get; }

    public string Database => In("recs.duckdb");

    public string Model => In("model");

    public string Scores => In("scores.parquet");

    private string In(string name) => System.IO.Path.Combine(Path, name);
}
