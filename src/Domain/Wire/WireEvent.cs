using System.Text.Json;
using System.Text.Json.Serialization;

namespace Recs.Domain.Wire;

/// <summary>The JSON object of one message, before anything is believed. Every field may be missing; unknown fields are ignored.</summary>
internal sealed class WireEvent
{
    public string? Type { get; set; }
    public string? EventId { get; set; }
    public int? Schema { get; set; }
    public string? Time { get; set; }

    // item
    public string? Item { get; set; }
    public string? Kind { get; set; }
    public string? Title { get; set; }
    public string? Body { get; set; }
    public string? Category { get; set; }
    public string? Author { get; set; }
    public List<string?>? Tags { get; set; }
    public Dictionary<string, JsonElement>? Attributes { get; set; }
    public string? Status { get; set; }
    public string? Created { get; set; }
    public string? Advertiser { get; set; }
    public string? Promotes { get; set; }
    public WireBid? Bid { get; set; }
    public long? DailyBudgetMicros { get; set; }
    public WireTargeting? Targeting { get; set; }
    public string? Starts { get; set; }
    public string? Ends { get; set; }
    public int? UserDailyCap { get; set; }

    // user, impression, interaction
    public string? User { get; set; }
    public string? RequestId { get; set; }
    public string? Surface { get; set; }
    public List<WireShown>? Items { get; set; }
    public string? Action { get; set; }
    public long? ValueMicros { get; set; }
    public long? DwellMs { get; set; }
}

internal sealed class WireBid
{
    public string? Per { get; set; }
    public long? Micros { get; set; }
}

internal sealed class WireTargeting
{
    public List<string?>? Countries { get; set; }
    public List<string?>? Surfaces { get; set; }
    public List<string?>? Categories { get; set; }
    public List<int>? Hours { get; set; }
}

internal sealed class WireShown
{
    public string? Item { get; set; }
    public int? Position { get; set; }
    public double? Propensity { get; set; }
    public long? PriceMicros { get; set; }
}

/// <summary>Depth is bounded here, size by the caller.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    MaxDepth = 16)]
[JsonSerializable(typeof(WireEvent))]
[JsonSerializable(typeof(WireEmbedding))]
internal sealed partial class WireContext : JsonSerializerContext;
