using Recs.Domain;

namespace Recs.Pipelines.CommandLine;

/// <summary>
/// A result file that is written under a temporary name beside its own and renamed when it is whole:
/// nothing under the final name is ever half written, and a failure leaves nothing behind.
/// </summary>
internal sealed class PartialFile : IDisposable
{
    private readonly string _path;
    private readonly string _partialPath;
    private bool _kept;

    /// <exception cref="RefusedException">The place cannot be written.</exception>
    public PartialFile(FileInfo file)
    {
        _path = file.FullName;
        _partialPath = _path + ".partial";
        if (Directory.Exists(_path)) throw new RefusedException($"{_path}: is a folder; name a file");
        try
        {
            file.Directory?.Create();
            Stream = new FileStream(_partialPath, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new RefusedException($"{_path}: cannot be written ({failed.Message})", failed);
        }
    }

    public FileStream Stream { get; }

    /// <summary>Gives the file its name, replacing one that has it.</summary>
    public void Keep()
    {
        Stream.Dispose();
        File.Move(_partialPath, _path, overwrite: true);
        _kept = true;
    }

    public void Dispose()
    {
        Stream.Dispose();
        if (!_kept) File.Delete(_partialPath);
    }
}
