using Recs.Embedder.Checkpoint;
using Recs.Embedder.Compute;

namespace Recs.Embedder.Model;

/// <summary>The rotary angles of a model: frequency i is theta^(−2i / head size), stretched where config.json says so. Thread-safe.</summary>
internal sealed class RotaryEmbedding(Llama4Config config)
{
    private readonly float[] _frequencies = BuildFrequencies(config);
    private volatile RotaryTable _table = new([], config.HeadSize);

    /// <summary>[HeadSize / 2]</summary>
    public ReadOnlySpan<float> Frequencies => _frequencies;

    /// <summary>A table of at least <paramref name="positions"/> positions; grows by doubling and is kept.</summary>
    public RotaryTable Table(int positions)
    {
        var table = _table;
        if (table.Positions >= positions) return table;
        return _table = Build(Math.Max(positions, Math.Max(64, 2 * table.Positions)));
    }

    private static float[] BuildFrequencies(Llama4Config config)
    {
        var frequencies = new float[config.HeadSize / 2];
        for (var i = 0; i < frequencies.Length; i++)
        {
            var frequency = Math.Pow(config.RopeTheta, -2.0 * i / config.HeadSize);
            frequencies[i] = (float)(config.RopeStretch is { } stretch ? Stretch(frequency, stretch) : frequency);
        }
        return frequencies;
    }

    /// <summary>Short waves stay, long waves are divided by the factor, and between the two bounds (Llama 4 has none) they blend.</summary>
    private static double Stretch(double frequency, RopeStretch stretch)
    {
        var turns = stretch.OriginalPositions * frequency / (2 * Math.PI);
        if (turns > stretch.HighFrequencyFactor) return frequency;
        if (turns < stretch.LowFrequencyFactor) return frequency / stretch.Factor;
        var width = stretch.HighFrequencyFactor - stretch.LowFrequencyFactor;
        var kept = width == 0 ? 0 : (turns - stretch.LowFrequencyFactor) / width;
        return (1 - kept) * frequency / stretch.Factor + kept * frequency;
    }

    private RotaryTable Build(int positions)
    {
        var cosSin = new float[positions * 2 * _frequencies.Length];
        for (var (position, at) = (0, 0); position < positions; position++)
        {
            foreach (var frequency in _frequencies)
            {
                // The angle is a float32 product, as in the reference implementation.
                var (sin, cos) = Math.SinCos((float)position * frequency);
                cosSin[at++] = (float)cos;
                cosSin[at++] = (float)sin;
            }
        }
        return new RotaryTable(cosSin, config.HeadSize);
    }
}
