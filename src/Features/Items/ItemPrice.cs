namespace Recs.Features.Items;

/// <summary>Logarithm of the item's price (its attribute "price" or "price_…"); −10 where it has none.</summary>
internal sealed class ItemPrice : Feature
{
    /// <summary>As a features file names it.</summary>
    public static FeatureDefinition Definition { get; } = new("item_price", [], _ => new ItemPrice());

    public const float Missing = -10;

    public override IReadOnlyList<string> Columns { get; } = ["item_log_price"];

    public override void Read(FeatureRequest request, in Candidate candidate, Span<float> values) =>
        values[0] = candidate.Entry?.Price is { } price ? MathF.Log(price) : Missing;

    public override string[] Explain(FeatureRequest request, in Candidate candidate) => [candidate.Entry?.Price is { } price ? Say($"log of the price {price}") : Say($"{Missing}: no price")];
}
