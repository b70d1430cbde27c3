namespace Recs.Domain.Wire;

/// <summary>The JSON object of one vector, before anything is believed. Every field may be missing; unknown fields are ignored.</summary>
internal sealed class WireEmbedding
{
    public string? Type { get; set; }
    public int? Schema { get; set; }
    public string? EventId { get; set; }
    public string? Time { get; set; }
    public string? Item { get; set; }
    public string? Version { get; set; }
    public string? ContentHash { get; set; }
    public string? Signature { get; set; }
    public int? Dimensions { get; set; }

    /// <summary>float32, little-endian, one after the other; base64 in the JSON.</summary>
    public byte[]? Vector { get; set; }
}
