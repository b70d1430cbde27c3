namespace Recs.Domain.Wire;

/// <summary>How large the parts of a vector on the stream may be. What is larger is refused, never cut.</summary>
public static class EmbeddingLimits
{
    /// <summary>Numbers of a vector. A message of that many stays below <see cref="EventLimits.MessageBytes"/>.</summary>
    public const int Dimensions = 65_536;

    /// <summary>Characters of a signature: a thousand layers with four-digit experts.</summary>
    public const int SignatureLength = 5_000;
}
