using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using Recs.Domain;
using Recs.Domain.Items;

namespace Recs.Ranker.Slates;

/// <summary>
/// <see cref="SlateInputs"/> and the policy as bytes, compressed: with the model, all that a decision needs to be made again. Numbers are little-endian, features
/// column by column, since most columns say the same of many candidates. Version 1. Pure and safe from any thread.
/// </summary>
public static class SlateRecord
{
    private const byte Version = 1;

    /// <summary>Bytes that a record may unpack to: more is a damaged or a hostile one.</summary>
    private const int MostBytes = 256 << 20;

    /// <summary>Packs what a slate was composed from, after it was composed.</summary>
    public static byte[] Pack(SlateInputs inputs, SlatePolicy policy)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var desk = Packing.OfThisThread;
        Write(desk.Begin(), inputs, policy);
        return desk.Packed(Version);
    }

    /// <summary>Unpacks a record.</summary>
    /// <returns>Inputs to compose from, to be disposed of, and the policy that was in force.</returns>
    /// <exception cref="InvalidDataException">Not a record, a damaged one, or one of another version.</exception>
    public static (SlateInputs Inputs, SlatePolicy Policy) Unpack(byte[] record)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (record.Length == 0) throw new InvalidDataException("the record is empty: the inputs of this decision were not kept");
        if (record[0] != Version) throw new InvalidDataException($"a record of version {record[0]}, this build reads {Version}");
        try
        {
            using var packed = new BrotliStream(new MemoryStream(record, 1, record.Length - 1), CompressionMode.Decompress);
            using var reader = new BinaryReader(new BufferedStream(packed, 1 << 16));
            return Read(reader);
        }
        catch (Exception broken) when (broken is EndOfStreamException or InvalidOperationException or ArgumentException or FormatException or OverflowException or RefusedException)
        {
            throw new InvalidDataException($"the record is damaged: {broken.Message}", broken);
        }
    }

    private static void Write(BinaryWriter writer, SlateInputs inputs, SlatePolicy policy)
    {
        var request = inputs.Request;
        writer.Write(request.User.Value);
        writer.Write(request.Surface);
        writer.Write(request.Count);
        writer.Write((byte)request.Kinds.Count);
        foreach (var kind in request.Kinds) writer.Write((byte)kind);
        writer.Write(request.Explain);
        writer.Write(request.Now.Milliseconds);
        writer.Write(request.Draw);
        writer.Write((byte)request.Degradation);
        var settings = PolicySettings.Describe(policy);
        writer.Write(settings.Count);
        foreach (var (name, value) in settings)
        {
            writer.Write(name);
            writer.Write(value);
        }
        writer.Write(inputs.Candidates);
        writer.Write(inputs.SkippedSources.Count);
        foreach (var skipped in inputs.SkippedSources) writer.Write(skipped);
        writer.Write(inputs.Removed.Count);
        foreach (var removal in inputs.Removed)
        {
            writer.Write(removal.Item.Value);
            writer.Write((byte)removal.Reason);
            writer.Write(removal.Detail);
        }
        writer.Write(inputs.Contenders.Length);
        foreach (ref readonly var contender in inputs.Contenders) Write(writer, contender);
        var rows = inputs.Rows;
        var subjects = inputs.Subjects;
        var width = subjects == 0 ? 0 : rows.Length / subjects;
        writer.Write(subjects);
        writer.Write(width);
        var columns = ArrayPool<byte>.Shared.Rent(rows.Length * sizeof(float));
        for (int column = 0, at = 0; column < width; column++)
            for (var row = 0; row < subjects; row++, at += sizeof(float)) BinaryPrimitives.WriteSingleLittleEndian(columns.AsSpan(at), rows[row * width + column]);
        writer.Write(columns.AsSpan(0, subjects * width * sizeof(float)));
        ArrayPool<byte>.Shared.Return(columns);
        writer.Write(inputs.Likeness is not null);
        writer.Write(inputs.LikenessTape.Count);
        foreach (var likeness in inputs.LikenessTape) writer.Write(likeness);
    }

    private static void Write(BinaryWriter writer, in Contender contender)
    {
        writer.Write(contender.Id.Value);
        writer.Write(contender.Subject);
        writer.Write(contender.Author);
        writer.Write(contender.Category);
        writer.Write(contender.AgeSeconds);
        writer.Write(contender.IsNew);
        writer.Write((byte)contender.Risk);
        writer.Write(contender.Ad is not null);
        if (contender.Ad is not { } ad) return;
        writer.Write(ad.Advertiser.Value);
        writer.Write(ad.Promotes?.Value ?? "");
        writer.Write((byte)ad.Per);
        writer.Write(ad.MostMicros);
    }

    private static (SlateInputs, SlatePolicy) Read(BinaryReader reader)
    {
        var request = new RankRequest(new(reader.ReadString()), reader.ReadString(), reader.ReadInt32(), [.. Many(reader.ReadByte(), 1, () => (ItemKind)reader.ReadByte())],
            null, reader.ReadBoolean(), new(reader.ReadInt64()))
        {
            Draw = reader.ReadUInt64(),
            Degradation = (Degradation)reader.ReadByte(),
        };
        var policy = PolicySettings.Restore(Many(reader.ReadInt32(), 2, () => KeyValuePair.Create(reader.ReadString(), reader.ReadString())));
        var candidates = reader.ReadInt32();
        var skipped = Many(reader.ReadInt32(), 1, reader.ReadString);
        var removed = Many(reader.ReadInt32(), 3, () => new Removal(new(reader.ReadString()), (RemovalReason)reader.ReadByte(), reader.ReadString()));
        var contenders = Many(reader.ReadInt32(), 20, () => ReadContender(reader));
        var (subjects, width) = (reader.ReadInt32(), reader.ReadInt32());
        if (subjects < 0 || width < 0 || (long)subjects * width > MostBytes / sizeof(float) || contenders.Any(contender => contender.Subject < 0 || contender.Subject >= subjects))
            throw new InvalidDataException($"the record is damaged: {subjects} rows of {width} numbers for {contenders.Count} contenders");
        var inputs = new SlateInputs(request, contenders.Count, subjects * width) { Candidates = candidates, SkippedSources = skipped, Removed = removed, Subjects = subjects };
        try
        {
            foreach (var contender in contenders) inputs.Add(contender);
            var rows = inputs.RowsForWriting;
            for (var column = 0; column < width; column++)
                for (var row = 0; row < subjects; row++) rows[row * width + column] = reader.ReadSingle();
            var hasLikeness = reader.ReadBoolean();
            var tape = Many(reader.ReadInt32(), 1, reader.ReadSByte);
            if (hasLikeness) inputs.Likeness = new RecordedLikeness(tape);
            return (inputs, policy);
        }
        catch
        {
            inputs.Dispose();
            throw;
        }
    }

    private static Contender ReadContender(BinaryReader reader) => new(new(reader.ReadString()), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt64(), reader.ReadBoolean(), reader.ReadByte(),
        reader.ReadBoolean() ? new AdTerms(new(reader.ReadString()), reader.ReadString() is { Length: > 0 } promotes ? new ItemId(promotes) : null, (BidUnit)reader.ReadByte(), reader.ReadInt64()) : null);

    private static List<T> Many<T>(int count, int leastBytes, Func<T> read)
    {
        if (count < 0 || count > MostBytes / leastBytes) throw new InvalidDataException($"the record is damaged: a list of {count} entries");
        // Not made to the length it claims to have: a damaged count must not cost memory.
        var list = new List<T>(Math.Min(count, 1_024));
        for (var i = 0; i < count; i++) list.Add(read());
        return list;
    }
}
