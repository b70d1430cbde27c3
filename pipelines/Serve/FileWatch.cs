using Recs.Domain;
using Recs.Storage;

namespace Recs.Pipelines.Serve;

/// <summary>Reads a file again when it has changed. What cannot be read is told once and tried again at the next look; what was in use stays. One thread at a time.</summary>
internal sealed class FileWatch
{
    private readonly string _file, _stays;
    private readonly Action _read;
    private readonly Action<string> _log;
    private (DateTime, long) _seen;
    private string? _told;

    /// <param name="file">As it is now, it counts as read.</param>
    /// <param name="stays">What is told where it cannot be read: "the policy stays as it was".</param>
    /// <param name="read">Reads it and puts it to use.</param>
    /// <param name="log">Takes a line about each fault.</param>
    public FileWatch(string file, string stays, Action read, Action<string> log)
    {
        (_file, _stays, _read, _log) = (file, stays, read, log);
        _seen = Stamp();
    }

    /// <summary>Looks once; blocks while it is read.</summary>
    public void Look()
    {
        var stamp = Stamp();
        if (stamp == _seen) return;
        try
        {
            _read();
            (_seen, _told) = (stamp, null);
        }
        catch (Exception failed) when (failed is RefusedException or IOException or UnauthorizedAccessException or StoreUnavailableException)
        {
            if (_told != failed.Message) _log($"{_stays}: {_told = failed.Message}");
        }
    }

    private (DateTime, long) Stamp() => new FileInfo(_file) is { Exists: true } there ? (there.LastWriteTimeUtc, there.Length) : default;
}
