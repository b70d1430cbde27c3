using System.Security.Cryptography;
using Recs.Domain;

namespace Recs.Api.Keys;

/// <summary>The keys in use. A file that changes is read again within a second, so that a key is made or taken back without a restart. Safe from any thread.</summary>
public sealed class ApiKeyRing
{
    private static readonly TimeSpan Check = TimeSpan.FromSeconds(1);
    private static readonly byte[] Nobody = new byte[SHA256.HashSizeInBytes];

    private readonly string? _path;
    private readonly TimeProvider _clock;
    private readonly Action<string>? _log;
    private readonly Lock _gate = new();
    private volatile Dictionary<string, (ApiKey Key, byte[] Hash)> _keys;
    private (DateTime Written, long Length) _stamp;
    private long _checked;

    private ApiKeyRing(IReadOnlyList<ApiKey> keys, string? path, TimeProvider? clock, Action<string>? log)
    {
        (_keys, _path, _clock, _log) = (Index(keys), path, clock ?? TimeProvider.System, log);
        _checked = _clock.GetTimestamp();
    }

    /// <summary>Keys in memory.</summary>
    public static ApiKeyRing Of(params IReadOnlyList<ApiKey> keys) => new(keys, null, null, null);

    /// <summary>Keys of a file.</summary>
    /// <param name="path">See <see cref="ApiKeyFile"/>.</param>
    /// <param name="clock">Says when to look at the file again; null for the system's.</param>
    /// <param name="log">Takes a line where the file cannot be read later; the keys read before stay.</param>
    /// <exception cref="RefusedException">It is not there or not readable.</exception>
    public static ApiKeyRing Open(string path, TimeProvider? clock = null, Action<string>? log = null)
    {
        var stamp = Stamp(path);
        return new(ApiKeyFile.Read(path), path, clock, log) { _stamp = stamp };
    }

    /// <summary>The key that was presented, or null. How long it takes does not hang on how much of it is right.</summary>
    public ApiKey? Find(string presented)
    {
        ArgumentNullException.ThrowIfNull(presented);
        Refresh();
        var known = ApiKey.IdOf(presented) is { } id && _keys.TryGetValue(id, out var entry) ? entry : (Key: null, Hash: Nobody);
        return CryptographicOperations.FixedTimeEquals(ApiKey.Hash(presented.Length <= 128 ? presented : ""), known.Hash) ? known.Key : null;
    }

    private void Refresh()
    {
        if (_path is null || _clock.GetElapsedTime(Interlocked.Read(ref _checked)) < Check || !_gate.TryEnter()) return;
        try
        {
            Interlocked.Exchange(ref _checked, _clock.GetTimestamp());
            if (Stamp(_path) is var stamp && stamp == _stamp) return;
            _stamp = stamp;
            _keys = Index(ApiKeyFile.Read(_path));
            _log?.Invoke($"api: {_path} has changed: {_keys.Count} keys");
        }
        catch (RefusedException broken)
        {
            _log?.Invoke($"api: {broken.Message}; the keys read before stay");
        }
        finally
        {
            _gate.Exit();
        }
    }

    private static (DateTime, long) Stamp(string path) => new FileInfo(path) is { Exists: true } file ? (file.LastWriteTimeUtc, file.Length) : default;

    private static Dictionary<string, (ApiKey, byte[])> Index(IReadOnlyList<ApiKey> keys) => keys.ToDictionary(key => key.Id, key => (key, Convert.FromHexString(key.Sha256)), StringComparer.Ordinal);
}
