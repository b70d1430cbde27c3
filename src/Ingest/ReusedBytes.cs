using System.Numerics;
using Confluent.Kafka;

namespace Recs.Ingest;

/// <summary>
/// Gives keys or values in one piece of memory that each takes from the one before: a client that reads a hundred thousand messages a second leaves no array behind
/// for each. One thread.
/// </summary>
internal sealed class ReusedBytes : IDeserializer<ReadOnlyMemory<byte>?>
{
    /// <summary>A longer message gets memory of its own, so that one large one does not hold its room for ever.</summary>
    private const int MostKept = 1 << 20;

    private byte[] _bytes = new byte[4_096];

    /// <returns>Null for no value; else good until the next call.</returns>
    public ReadOnlyMemory<byte>? Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context)
    {
        if (isNull) return null;
        if (data.Length > MostKept) return data.ToArray();
        if (data.Length > _bytes.Length) _bytes = new byte[BitOperations.RoundUpToPowerOf2((uint)data.Length)];
        data.CopyTo(_bytes);
        return _bytes.AsMemory(0, data.Length);
    }
}
