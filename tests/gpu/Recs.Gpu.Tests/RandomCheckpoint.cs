using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Recs.Gpu.Tests;

/// <summary>A checkpoint of a shape with seeded bf16 weights, for timing alone: one block of random numbers again and again.</summary>
internal static class RandomCheckpoint
{
    /// <summary>A prime, so that no row of a matrix begins where another one did.</summary>
    private const int BlockNumbers = 8_388_593;

    /// <summary>Keeps activations of random layers about as large as their input.</summary>
    private const double Spread = 0.02;

    public static void Write(string folder, LayerShape shape)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "config.json"), shape.Config());
        var tensors = Tensors(shape).ToList();
        using var output = File.Create(Path.Combine(folder, "model.safetensors"));
        WriteHeader(output, tensors);
        var random = new Random(4);
        var block = new ushort[BlockNumbers];
        for (var i = 0; i < block.Length; i++) block[i] = NarrowBF16((float)((random.NextDouble() * 2 - 1) * Spread * Math.Sqrt(3)));
        var ones = new ushort[shape.Hidden];
        Array.Fill(ones, NarrowBF16(1));
        var at = 0;
        foreach (var (name, sides) in tensors)
        {
            if (name.EndsWith("norm.weight", StringComparison.Ordinal))
            {
                output.Write(MemoryMarshal.AsBytes<ushort>(ones));
                continue;
            }
            for (var left = sides.Aggregate(1L, (product, side) => product * side); left > 0;)
            {
                var count = (int)Math.Min(left, block.Length - at);
                output.Write(MemoryMarshal.AsBytes(block.AsSpan(at, count)));
                (at, left) = ((at + count) % block.Length, left - count);
            }
        }
    }

    private static IEnumerable<(string Name, long[] Sides)> Tensors(LayerShape shape)
    {
        long hidden = shape.Hidden, width = shape.Width;
        yield return ("model.embed_tokens.weight", [LayerShape.Vocabulary, hidden]);
        for (var layer = 0; layer < LayerShape.Layers; layer++)
        {
            var prefix = $"model.layers.{layer}.";
            yield return (prefix + "input_layernorm.weight", [hidden]);
            yield return (prefix + "post_attention_layernorm.weight", [hidden]);
            yield return (prefix + "self_attn.q_proj.weight", [shape.QueryColumns, hidden]);
            yield return (prefix + "self_attn.k_proj.weight", [shape.KeyValueHeads * shape.HeadSize, hidden]);
            yield return (prefix + "self_attn.v_proj.weight", [shape.KeyValueHeads * shape.HeadSize, hidden]);
            yield return (prefix + "self_attn.o_proj.weight", [hidden, shape.QueryColumns]);
            yield return (prefix + "feed_forward.router.weight", [shape.Experts, hidden]);
            yield return (prefix + "feed_forward.shared_expert.gate_proj.weight", [width, hidden]);
            yield return (prefix + "feed_forward.shared_expert.up_proj.weight", [width, hidden]);
            yield return (prefix + "feed_forward.shared_expert.down_proj.weight", [hidden, width]);
            yield return (prefix + "feed_forward.experts.gate_up_proj", [shape.Experts, hidden, 2 * width]);
            yield return (prefix + "feed_forward.experts.down_proj", [shape.Experts, width, hidden]);
        }
        yield return ("model.norm.weight", [hidden]);
    }

    private static void WriteHeader(Stream output, List<(string Name, long[] Sides)> tensors)
    {
        long offset = 0;
        var entries = new Dictionary<string, object>();
        foreach (var (name, sides) in tensors)
        {
            var bytes = 2 * sides.Aggregate(1L, (product, side) => product * side);
            entries[name] = new { dtype = "BF16", shape = sides, data_offsets = new[] { offset, offset + bytes } };
            offset += bytes;
        }
        var header = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(entries));
        var padded = new byte[(header.Length + 7) / 8 * 8];
        Array.Fill(padded, (byte)' ');
        header.CopyTo(padded, 0);
        output.Write(BitConverter.GetBytes((long)padded.Length));
        output.Write(padded);
    }

    private static ushort NarrowBF16(float number) => Embedder.Tests.Cuda.Cases.Numbers.NarrowBF16(number);
}
