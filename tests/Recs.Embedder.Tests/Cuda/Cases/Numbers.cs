using Recs.Embedder.Checkpoint;
using Recs.Embedder.Compute.Cuda;

namespace Recs.Embedder.Tests.Cuda.Cases;

/// <summary>Seeded numbers and the formats they are stored in.</summary>
internal static unsafe class Numbers
{
    public static float[] Uniform(int seed, long count, float largest = 1)
    {
        var random = new Random(seed);
        var numbers = new float[count];
        for (var i = 0; i < count; i++) numbers[i] = (float)(random.NextDouble() * 2 - 1) * largest;
        return numbers;
    }

    /// <summary>As the device sees them in this format.</summary>
    public static float[] Uniform(int seed, long count, NumberFormat format, float largest = 1)
    {
        var numbers = Uniform(seed, count, largest);
        return format == NumberFormat.Float32 ? numbers : Array.ConvertAll(numbers, number => WidenBF16(NarrowBF16(number)));
    }

    public static float WidenBF16(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    public static ushort NarrowBF16(float number)
    {
        var bits = BitConverter.SingleToUInt32Bits(number);
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    /// <summary>Random stored numbers of a format, all finite, and what they are worth.</summary>
    public static (byte[] Stored, float[] Worth) Stored(int seed, ElementType type, int count)
    {
        var uniform = Uniform(seed, count, 3);
        // A few subnormals of the format among them.
        for (var i = 5; i < count; i += 11) uniform[i] *= type == ElementType.F8E4M3 ? 0.004f : 1e-5f;
        var bytes = type switch
        {
            ElementType.F32 => [.. uniform.SelectMany(BitConverter.GetBytes)],
            ElementType.BF16 => [.. uniform.SelectMany(number => BitConverter.GetBytes(NarrowBF16(number)))],
            ElementType.F16 => [.. uniform.SelectMany(number => BitConverter.GetBytes((Half)number))],
            _ => uniform.Select((_, i) => (byte)((seed + i * 37) % 256 is var code && (code & 0x7F) == 0x7F ? 0x11 : code)).ToArray(),
        };
        return (bytes, Widen(type, bytes));
    }

    public static float[] Widen(ElementType type, byte[] stored)
    {
        var worth = new float[stored.Length / ElementWidening.SizeOf(type)];
        fixed (byte* from = stored) fixed (float* to = worth) ElementWidening.Widen(type, from, to, worth.Length);
        return worth;
    }
}
