using System.Diagnostics.CodeAnalysis;
using System.IO.Compression;

namespace Recs.Ranker.Slates;

/// <summary>What packing a record writes and the next one on this thread writes over: a record is some hundred kilobytes before it is compressed.</summary>
[SuppressMessage("Design", "CA1001", Justification = "a stream in memory holds nothing to let go of, and lives as long as its thread")]
internal sealed class Packing
{
    /// <summary>Brotli's quality and window of <see cref="CompressionLevel.Fastest"/>.</summary>
    private const int Quality = 1, WindowBits = 22;

    [ThreadStatic]
    private static Packing? Own;

    private readonly BinaryWriter _writer = new(new MemoryStream());
    private byte[] _packed = [];

    private Packing() { }

    /// <summary>This thread's own.</summary>
    public static Packing OfThisThread => Own ??= new();

    /// <summary>Takes the next record; what a record that failed has left is gone.</summary>
    public BinaryWriter Begin()
    {
        _writer.BaseStream.SetLength(0);
        return _writer;
    }

    /// <summary>A version and what was written, compressed.</summary>
    public byte[] Packed(byte version)
    {
        var stream = (MemoryStream)_writer.BaseStream;
        var plain = stream.GetBuffer().AsSpan(0, (int)stream.Length);
        var most = BrotliEncoder.GetMaxCompressedLength(plain.Length) + 1;
        if (_packed.Length < most) _packed = new byte[most];
        _packed[0] = version;
        if (!BrotliEncoder.TryCompress(plain, _packed.AsSpan(1), out var length, Quality, WindowBits)) throw new InvalidOperationException($"{plain.Length} bytes did not fit into {most} when compressed");
        return _packed[..(1 + length)];
    }
}
