using System.Buffers.Binary;
using System.Text.Json;
using Recs.Domain.Embeddings;
using static Recs.Domain.Wire.FieldReader;

namespace Recs.Domain.Wire;

/// <summary>
/// Vectors to and from their JSON form (schema version 1), keyed by item:
/// <c>{"type":"embedding","schema":1,"event_id","time","item","version","content_hash","signature","dimensions","vector"}</c>, where vector is base64 of
/// little-endian float32, and event_id and time name the item version whose text it is (both may be absent). Parsing is validation, as in
/// <see cref="EventCodec"/>. Pure and safe from any thread.
/// </summary>
public static class EmbeddingCodec
{
    /// <summary>The schema version written and read.</summary>
    public const int Schema = 1;

    private const string Type = "embedding";

    /// <summary>Reads one message; Confluent's schema-registry frame is accepted and skipped.</summary>
    /// <param name="message">The raw bytes.</param>
    /// <param name="rejection">Why it is no vector; null when it is one.</param>
    /// <returns>The vector, or null.</returns>
    public static EmbeddingMessage? Parse(ReadOnlySpan<byte> message, out Rejection? rejection)
    {
        rejection = null;
        if (message.Length > EventLimits.MessageBytes)
        {
            rejection = new(RejectionReason.TooLarge, $"{message.Length} bytes, limit {EventLimits.MessageBytes}");
            return null;
        }
        message = ConfluentFrame.Skip(message);
        try
        {
            var wire = JsonSerializer.Deserialize(message, WireContext.Default.WireEmbedding);
            if (wire is not null) return Read(wire);
            rejection = new(RejectionReason.NotJson, "null is not an embedding");
        }
        catch (InvalidFieldException field)
        {
            rejection = field.Rejection;
        }
        catch (Exception json) when (json is JsonException or InvalidOperationException or FormatException) // the last two: a lone surrogate, a broken base64
        {
            rejection = new(RejectionReason.NotJson, Shortened(json is JsonException { Path: { Length: > 1 } path } ? $"at {path}: {json.Message}" : json.Message));
        }
        return null;
    }

    /// <summary>The JSON form, UTF-8; <see cref="Parse"/> gives an equal vector back.</summary>
    /// <exception cref="ArgumentException">It could not be read back: a part of it is outside the limits.</exception>
    public static byte[] Write(EmbeddingMessage source)
    {
        var (item, version, hash, vector, signature) = source.Embedding;
        var bytes = new byte[sizeof(float) * vector.Length];
        for (var at = 0; at < vector.Length; at++) BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(sizeof(float) * at), vector[at]);
        var wire = new WireEmbedding
        {
            Type = Type,
            Schema = Schema,
            EventId = source.Event?.Value,
            Time = source.Event is null ? null : source.Time.ToString(),
            Item = item.Value,
            Version = version,
            ContentHash = hash,
            Signature = signature,
            Dimensions = vector.Length,
            Vector = bytes,
        };
        try
        {
            Read(wire);
        }
        catch (InvalidFieldException invalid)
        {
            throw new ArgumentException(invalid.Message, nameof(source), invalid);
        }
        return JsonSerializer.SerializeToUtf8Bytes(wire, WireContext.Default.WireEmbedding);
    }

    private static EmbeddingMessage Read(WireEmbedding wire)
    {
        if (wire.Type != Type) throw new InvalidFieldException(new(RejectionReason.UnknownType, $"type is '{Shortened(wire.Type ?? "")}', expected {Type}"));
        if (wire.Schema != Schema)
            throw new InvalidFieldException(new(RejectionReason.UnknownSchema, $"schema is {wire.Schema?.ToString() ?? "missing"}, this build reads {Schema}"));
        var embedding = new ItemEmbedding(new ItemId(Name(wire.Item, "item")), Name(wire.Version, "version"), Name(wire.ContentHash, "content_hash"), Vector(wire), Signature(wire));
        return string.IsNullOrEmpty(wire.EventId)
            ? new EmbeddingMessage(embedding)
            : new EmbeddingMessage(embedding, FieldReader.Time(wire.Time, "time", new Timestamp(long.MaxValue)), new EventId(Name(wire.EventId, "event_id")));
    }

    private static float[] Vector(WireEmbedding wire)
    {
        var dimensions = wire.Dimensions ?? throw Missing("dimensions");
        if (dimensions is < 1 or > EmbeddingLimits.Dimensions) throw Invalid("dimensions", $"is {dimensions}, range 1 to {EmbeddingLimits.Dimensions}");
        var bytes = wire.Vector ?? throw Missing("vector");
        if (bytes.Length != sizeof(float) * dimensions) throw Invalid("vector", $"has {bytes.Length} bytes, expected {sizeof(float)} for each of {dimensions} dimensions");
        var vector = new float[dimensions];
        for (var at = 0; at < dimensions; at++)
        {
            vector[at] = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(sizeof(float) * at));
            if (!float.IsFinite(vector[at])) throw Invalid("vector", $"is not finite at place {at}");
        }
        return vector;
    }

    private static string Signature(WireEmbedding wire)
    {
        var signature = wire.Signature ?? "";
        if (signature.Length > EmbeddingLimits.SignatureLength) throw Invalid("signature", $"has {signature.Length} characters, limit {EmbeddingLimits.SignatureLength}");
        // Whole numbers joined by '-': each '-' between two digits.
        for (var at = 0; at < signature.Length; at++)
            if (!char.IsAsciiDigit(signature[at]) && (signature[at] != '-' || at == 0 || at == signature.Length - 1 || signature[at - 1] == '-'))
                throw Invalid("signature", $"is '{Shortened(signature)}', expected experts such as 3-0-1-2");
        return signature;
    }
}
