using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Wire;
using Recs.Features.Counting;

namespace Recs.Features.State;

/// <summary>
/// A folded state as bytes: compressed, ids in ordinal order, so that equal states are equal bytes, closed by a checksum. Tiles that the newest
/// time no longer keeps are left out.
/// </summary>
public static class StateFile
{
    private const int Format = 3;

    /// <summary>Names what a state holds; a snapshot of another layout says nothing to this build.</summary>
    public static string Layout { get; } = string.Create(CultureInfo.InvariantCulture,
        $"state {Format}, hours {TileSeries.Hours}, days {TileSeries.Days}, recent {RecentList.Capacity}, kinds {InteractionTypes.Count}, events {EventCodec.Schema}");

    /// <summary>Writes <paramref name="folded"/>; nobody may fold into it meanwhile.</summary>
    /// <param name="folded">What to write.</param>
    /// <param name="output">Not closed.</param>
    public static void Write(FoldedState folded, Stream output)
    {
        ArgumentNullException.ThrowIfNull(folded);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using (var compressed = new BrotliStream(output, CompressionLevel.Fastest, leaveOpen: true))
        using (var hashed = new CryptoTee(compressed, hash))
        using (var writer = new BinaryWriter(hashed, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Layout);
            writer.Write(folded.Tally.ToBytes());
            writer.Write(folded.Events.Count);
            foreach (var (type, count) in folded.Events)
            {
                writer.Write(type);
                writer.Write(count);
            }
            new StateWriter(writer, folded.State).Write();
            writer.Flush();
            compressed.Write(hash.GetHashAndReset());
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="RefusedException">The bytes are damaged, or of another layout.</exception>
    public static FoldedState Read(Stream input)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var compressed = new BrotliStream(input, CompressionMode.Decompress, leaveOpen: true);
        using var hashed = new CryptoTee(compressed, hash);
        using var reader = new BinaryReader(hashed, Encoding.UTF8, leaveOpen: true);
        try
        {
            if (reader.ReadString() is var layout && layout != Layout)
                throw new RefusedException($"the snapshot holds '{layout}', this build keeps '{Layout}'; fold the facts anew with recs replay state");
            var tally = EventTally.Read(reader.ReadBytes(new EventTally().ToBytes().Length));
            List<KeyValuePair<string, long>> events = [];
            for (var types = reader.ReadInt32(); types > 0; types--) events.Add(new(reader.ReadString(), reader.ReadInt64()));
            var state = new StateReader(reader).Read();
            var expected = hash.GetHashAndReset();
            var stored = new byte[expected.Length];
            compressed.ReadExactly(stored);
            if (!expected.AsSpan().SequenceEqual(stored)) throw new InvalidDataException("its checksum is another");
            return FoldedState.Restore(state, tally, events);
        }
        catch (Exception damaged) when (damaged is InvalidDataException or EndOfStreamException or FormatException or ArgumentException or OverflowException or InvalidOperationException)
        {
            throw new RefusedException($"the snapshot is damaged: {damaged.Message}; fold the facts anew with recs replay state", damaged);
        }
    }

    /// <summary>Passes bytes on and hashes them.</summary>
    private sealed class CryptoTee(Stream inner, IncrementalHash hash) : Stream
    {
        private readonly byte[] _buffer = new byte[1 << 16];
        private int _filled;

        public override bool CanRead => inner.CanRead;
        public override bool CanSeek => false;
        public override bool CanWrite => inner.CanWrite;
        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var read = inner.Read(buffer);
            hash.AppendData(buffer[..read]);
            return read;
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            // Numbers come a few bytes at a time.
            if (buffer.Length > _buffer.Length - _filled) Flush();
            if (buffer.Length > _buffer.Length)
            {
                hash.AppendData(buffer);
                inner.Write(buffer);
                return;
            }
            buffer.CopyTo(_buffer.AsSpan(_filled));
            _filled += buffer.Length;
        }

        public override void Flush()
        {
            hash.AppendData(_buffer, 0, _filled);
            inner.Write(_buffer, 0, _filled);
            _filled = 0;
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
