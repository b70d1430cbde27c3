namespace Recs.Ranker.Tests;

/// <summary>A folder of a test's own, gone when it ends.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("recs-ranker-").FullName;

    public string Path(params string[] parts) => System.IO.Path.Combine([_root, .. parts]);

    public IEnumerable<string> Entries => Directory.EnumerateFileSystemEntries(_root).Select(entry => System.IO.Path.GetFileName(entry));

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
