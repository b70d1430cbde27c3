using Recs.Embedder.Checkpoint;

namespace Recs.Embedder.Compute;

/// <summary>What happens to queries and keys between their projection and the attention; each part may be absent.</summary>
/// <param name="Rope">Rotary angles for every position in use.</param>
/// <param name="NormEpsilon">Weightless RMS norm of each head after the rotation.</param>
/// <param name="Temperature">Position-dependent factor of the queries.</param>
internal readonly record struct QueryKeyStep(RotaryTable? Rope, float? NormEpsilon, TemperatureTuning? Temperature);

/// <summary>cos and sin of every position's angles: [positions, HeadSize] as cos 0, sin 0, cos 1, sin 1, …</summary>
internal sealed record RotaryTable(float[] CosSin, int HeadSize)
{
    public int Positions => CosSin.Length / HeadSize;
}
