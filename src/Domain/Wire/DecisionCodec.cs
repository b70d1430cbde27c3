using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Recs.Domain.Decisions;
using static Recs.Domain.Wire.FieldReader;

namespace Recs.Domain.Wire;

/// <summary>
/// Decisions to and from their JSON form (schema version 1), keyed by user; <c>answer</c> is the answer's own text, <c>inputs</c> base64. Parsing is
/// validation, as in <see cref="EventCodec"/>. Pure and safe from any thread.
/// </summary>
public static class DecisionCodec
{
    /// <summary>The schema version written and read.</summary>
    public const int Schema = 1;

    /// <summary>Bytes of a message.</summary>
    public const int MessageBytes = 4 << 20;

    private const string Type = "decision";

    /// <summary>Reads one message.</summary>
    /// <param name="message">The raw bytes.</param>
    /// <param name="rejection">Why it is no decision; null when it is one.</param>
    /// <returns>The decision, or null.</returns>
    public static Decision? Parse(ReadOnlySpan<byte> message, out Rejection? rejection)
    {
        rejection = null;
        if (message.Length > MessageBytes)
        {
            rejection = new(RejectionReason.TooLarge, $"{message.Length} bytes, limit {MessageBytes}");
            return null;
        }
        try
        {
            var wire = JsonSerializer.Deserialize(message, DecisionContext.Default.WireDecision);
            if (wire is not null) return Read(wire);
            rejection = new(RejectionReason.NotJson, "null is not a decision");
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

    /// <summary>The JSON form, UTF-8; <see cref="Parse"/> gives an equal decision back.</summary>
    public static byte[] Write(Decision source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return JsonSerializer.SerializeToUtf8Bytes(new WireDecision
        {
            Type = Type,
            Schema = Schema,
            DecisionId = source.Id,
            RequestId = source.Request.Value,
            Time = source.Time.ToString(),
            User = source.User.Value,
            Surface = source.Surface,
            Model = source.Versions.Model,
            Embedding = source.Versions.Embedding,
            Policy = source.Versions.Policy,
            Code = source.Versions.Code,
            Degraded = source.Degraded,
            Experiments = source.Experiments.Length == 0 ? null : source.Experiments,
            Candidates = source.Candidates,
            Places = [.. source.Places.Select(place => new WirePlace
            {
                Position = place.Position,
                Item = place.Item.Value,
                Ad = place.IsAd ? true : null,
                Score = place.Score,
                Propensity = place.Propensity < 1 ? place.Propensity : null,
                Advertiser = place.Advertiser?.Value,
                EcpmMicros = place.EcpmMicros == 0 ? null : place.EcpmMicros,
                PriceMicros = place.PriceMicros == 0 ? null : place.PriceMicros,
            })],
            Removed = source.Removed.ToDictionary(),
            Answer = Encoding.UTF8.GetString(source.Answer),
            Inputs = source.Inputs,
        }, DecisionContext.Default.WireDecision);
    }

    private static Decision Read(WireDecision wire)
    {
        if (wire.Type != Type) throw new InvalidFieldException(new(RejectionReason.UnknownType, $"type is '{Shortened(wire.Type ?? "")}', expected {Type}"));
        if (wire.Schema != Schema) throw new InvalidFieldException(new(RejectionReason.UnknownSchema, $"schema is {wire.Schema?.ToString() ?? "missing"}, this build reads {Schema}"));
        return new()
        {
            Id = Name(wire.DecisionId, "decision_id"),
            Request = new(Name(wire.RequestId, "request_id")),
            Time = Time(wire.Time, "time", new Timestamp(long.MaxValue)),
            User = new(Name(wire.User, "user")),
            Surface = NameOrEmpty(wire.Surface, "surface"),
            Versions = new(Name(wire.Model, "model"), Name(wire.Embedding, "embedding"), Name(wire.Policy, "policy"), Name(wire.Code, "code")),
            Degraded = Name(wire.Degraded, "degraded"),
            Experiments = TextOrEmpty(wire.Experiments, "experiments"),
            Candidates = wire.Candidates is >= 0 and var candidates ? candidates : throw Missing("candidates"),
            Places = [.. List(wire.Places, "places").Select(Read)],
            Removed = (wire.Removed ?? []).ToDictionary(pair => Name(pair.Key, "removed"), pair => pair.Value),
            Answer = Encoding.UTF8.GetBytes(wire.Answer ?? throw Missing("answer")),
            Inputs = wire.Inputs ?? [],
        };
    }

    private static DecidedPlace Read(WirePlace? place)
    {
        if (place is null) throw Missing("places");
        if (place.Position is not >= 1) throw Invalid("places.position", $"is {place.Position?.ToString() ?? "missing"}, at least 1");
        var propensity = place.Propensity ?? 1;
        if (propensity is not (> 0 and <= 1)) throw Invalid("places.propensity", $"is {propensity}, range above 0 to 1");
        return new(place.Position.Value, new(Name(place.Item, "places.item")), place.Ad ?? false, place.Score ?? 0, propensity,
            string.IsNullOrEmpty(place.Advertiser) ? null : new AdvertiserId(Name(place.Advertiser, "places.advertiser")), place.EcpmMicros ?? 0, Micros(place.PriceMicros, "places.price_micros"));
    }
}

/// <summary>The JSON object of one decision, before anything is believed.</summary>
internal sealed class WireDecision
{
    public string? Type { get; set; }
    public int? Schema { get; set; }
    public string? DecisionId { get; set; }
    public string? RequestId { get; set; }
    public string? Time { get; set; }
    public string? User { get; set; }
    public string? Surface { get; set; }
    public string? Model { get; set; }
    public string? Embedding { get; set; }
    public string? Policy { get; set; }
    public string? Code { get; set; }
    public string? Degraded { get; set; }
    public string? Experiments { get; set; }
    public int? Candidates { get; set; }
    public List<WirePlace?>? Places { get; set; }
    public Dictionary<string, int>? Removed { get; set; }
    public string? Answer { get; set; }
    public byte[]? Inputs { get; set; }
}

internal sealed class WirePlace
{
    public int? Position { get; set; }
    public string? Item { get; set; }
    public bool? Ad { get; set; }
    public double? Score { get; set; }
    public double? Propensity { get; set; }
    public string? Advertiser { get; set; }
    public long? EcpmMicros { get; set; }
    public long? PriceMicros { get; set; }
}

/// <summary>Depth is bounded here, size by the caller.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, MaxDepth = 16)]
[JsonSerializable(typeof(WireDecision))]
internal sealed partial class DecisionContext : JsonSerializerContext;
