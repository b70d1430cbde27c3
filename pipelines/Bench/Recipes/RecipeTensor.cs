namespace Recs.Pipelines.Bench.Recipes;

/// <summary>One tensor of a recipe: nearly normal numbers around <paramref name="Mean"/>.</summary>
/// <param name="Name">As in the file; it alone decides the numbers, together with mean and deviation.</param>
/// <param name="Shape">Row-major.</param>
/// <param name="Mean">Of its numbers.</param>
/// <param name="Deviation">Their standard deviation, before rounding to bf16.</param>
internal sealed record RecipeTensor(string Name, long[] Shape, double Mean, double Deviation)
{
    /// <summary>Numbers in it.</summary>
    public long Count => Shape.Aggregate(1L, (product, side) => product * side);

    /// <summary>As bf16.</summary>
    public long Bytes => Count * sizeof(ushort);
}
