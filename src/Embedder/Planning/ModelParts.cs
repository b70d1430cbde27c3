namespace Recs.Embedder.Planning;

/// <summary>A quantity (parameters, bytes) of a text model by part. Immutable.</summary>
public sealed record ModelParts
{
    /// <summary>Of the token table.</summary>
    public long Embeddings { get; init; }

    /// <summary>Of the attention projections.</summary>
    public long Attention { get; init; }

    /// <summary>Of the norms.</summary>
    public long Norms { get; init; }

    /// <summary>Of the routers.</summary>
    public long Routers { get; init; }

    /// <summary>Of the shared experts.</summary>
    public long SharedExperts { get; init; }

    /// <summary>Of all routed experts.</summary>
    public long RoutedExperts { get; init; }

    /// <summary>Of the feed-forwards of layers without experts.</summary>
    public long Dense { get; init; }

    /// <summary>Of all parts.</summary>
    public long Total => Embeddings + Attention + Norms + Routers + SharedExperts + RoutedExperts + Dense;

    internal static ModelParts Sum(IEnumerable<(ModelPart Part, long Quantity)> quantities)
    {
        var sums = new long[Enum.GetValues<ModelPart>().Length];
        foreach (var (part, quantity) in quantities) sums[(int)part] = checked(sums[(int)part] + quantity);
        return new ModelParts
        {
            Embeddings = sums[(int)ModelPart.Embeddings],
            Attention = sums[(int)ModelPart.Attention],
            Norms = sums[(int)ModelPart.Norms],
            Routers = sums[(int)ModelPart.Routers],
            SharedExperts = sums[(int)ModelPart.SharedExperts],
            RoutedExperts = sums[(int)ModelPart.RoutedExperts],
            Dense = sums[(int)ModelPart.Dense],
        };
    }
}
