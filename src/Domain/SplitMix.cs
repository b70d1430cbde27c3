namespace Recs.Domain;

/// <summary>
/// Numbers drawn by their place, each from its own alone: SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators").
/// Safe from any thread.
/// </summary>
public static class SplitMix
{
    /// <summary>What the generator's state grows by at each step: 2^64 / golden ratio, odd.</summary>
    public const ulong Step = 0x9E3779B97F4A7C15;

    /// <summary>The generator's output at a state: every bit of it hangs on every bit of the state.</summary>
    public static ulong Mix(ulong state)
    {
        unchecked
        {
            state = (state ^ state >> 30) * 0xBF58476D1CE4E5B9;
            state = (state ^ state >> 27) * 0x94D049BB133111EB;
            return state ^ state >> 31;
        }
    }

    /// <summary>The top 53 bits as a number from 0 to below 1.</summary>
    public static double Unit(ulong bits) => (bits >> 11) * (1.0 / (1UL << 53));
}
