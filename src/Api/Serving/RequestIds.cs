using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Recs.Api.Serving;

/// <summary>
/// Ids of requests and decisions: 16 hex digits of this process (start time, process, machine, tick count) and a number that grows, so
/// that they are unique across restarts and replicas without drawing on randomness. Safe from any thread.
/// </summary>
internal sealed class RequestIds
{
    private readonly string _process;
    private long _last;

    public RequestIds(TimeProvider clock) => _process = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
        $"{clock.GetUtcNow().Ticks} {TimeProvider.System.GetTimestamp()} {Environment.ProcessId} {Environment.MachineName}"))))[..16];

    /// <summary>The 64 random-looking bits that belong to an id: a decision made again draws the same.</summary>
    public static ulong Draw(string id) => BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(id)));

    /// <summary>An id never given before; the request's is "r" and the decision's "d" before it.</summary>
    public string Next() => string.Create(CultureInfo.InvariantCulture, $"{_process}-{Interlocked.Increment(ref _last)}");
}
