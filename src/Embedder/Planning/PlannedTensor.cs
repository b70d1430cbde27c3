namespace Recs.Embedder.Planning;

/// <summary>A tensor that the text model needs.</summary>
/// <param name="Name">Without the prefixes that differ between exports.</param>
/// <param name="Layer">0-based; −1 for the token table and the final norm.</param>
/// <param name="Part">What it belongs to.</param>
/// <param name="Shape">As stored.</param>
internal readonly record struct PlannedTensor(string Name, int Layer, ModelPart Part, long[] Shape)
{
    /// <summary>Names as <c>…weight</c> have their scale beside them as <c>…weight_scale</c>.</summary>
    public string ScaleName => Name + "_scale";

    public long Count
    {
        get
        {
            var count = 1L;
            foreach (var side in Shape) count = checked(count * side);
            return count;
        }
    }

    /// <summary>Outputs over all experts in the tensor: a scale each when it is stored as FP8. Fused experts are [expert, in, out], linear weights [out, in].</summary>
    public long Outputs => Shape.Length == 3 ? checked(Shape[0] * Shape[2]) : Shape[0];
}
