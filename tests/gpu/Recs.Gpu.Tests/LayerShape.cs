using System.Globalization;

namespace Recs.Gpu.Tests;

/// <summary>A mixture-of-experts layer and what it costs at least. Multiply-adds count as two operations.</summary>
/// <param name="Name">scout or tiny.</param>
/// <param name="Hidden">Columns of the residual stream.</param>
/// <param name="Heads">Query heads.</param>
/// <param name="KeyValueHeads">Key and value heads.</param>
/// <param name="HeadSize">Numbers a head.</param>
/// <param name="Width">Inner width of an expert, the shared one too.</param>
/// <param name="Experts">Routed experts, of which a token takes one.</param>
/// <param name="Tokens">Batches that are timed, in tokens a forward pass.</param>
/// <param name="TextTokens">Longest text; a batch is as many as it holds.</param>
/// <param name="TimedSeconds">A batch is passed at least so long.</param>
internal sealed record LayerShape(string Name, int Hidden, int Heads, int KeyValueHeads, int HeadSize, int Width, int Experts, int[] Tokens, int TextTokens, double TimedSeconds)
{
    /// <summary>Layers of the checkpoint that is timed: enough that one pass over them finds nothing in a cache.</summary>
    public const int Layers = 2;

    public const int Vocabulary = 1024;

    /// <summary>Llama 4 Scout's.</summary>
    private static readonly LayerShape Scout = new("scout", 5120, 40, 8, 128, 8192, 16, [64, 1024, 8192, 65536], 128, 1);

    /// <summary>To run the program to its end where nothing is fast.</summary>
    private static readonly LayerShape Tiny = new("tiny", 64, 4, 2, 16, 96, 4, [4, 40], 8, 0.05);

    public int QueryColumns => Heads * HeadSize;

    public int FusedColumns => (Heads + 2 * KeyValueHeads) * HeadSize;

    /// <summary>Weights that every token meets: attention, shared expert, router.</summary>
    public double DenseWeights => (double)Hidden * (FusedColumns + QueryColumns + 3.0 * Width + Experts);

    /// <summary>Of one routed expert.</summary>
    public double ExpertWeights => 3.0 * Hidden * Width;

    public static LayerShape Named(string name) => name switch
    {
        "scout" => Scout,
        "tiny" => Tiny,
        _ => throw new ArgumentException($"--shape {name} is unknown: scout or tiny", nameof(name)),
    };

    /// <summary>
    /// Seconds that a layer takes at least: its dense and its routed products each at the larger of their bytes over the bandwidth and their
    /// operations over the peak, and causal attention's operations. Routing is taken to be even.
    /// </summary>
    public double LeastSeconds(int tokens, bool isFp8, Peaks peaks)
    {
        var text = Math.Min(tokens, TextTokens);
        var touched = Experts * (1 - Math.Pow(1 - 1.0 / Experts, tokens));
        var dense = Math.Max(2 * DenseWeights / peaks.BytesASecond, 2 * DenseWeights * tokens / peaks.BFloat16);
        var routed = Math.Max(touched * ExpertWeights * (isFp8 ? 1 : 2) / peaks.BytesASecond, 2 * ExpertWeights * tokens / (isFp8 ? peaks.Fp8 : peaks.BFloat16));
        return dense + routed + 2.0 * tokens * (text + 1) * QueryColumns / peaks.BFloat16;
    }

    public string Config() => string.Create(CultureInfo.InvariantCulture, $$"""
        {"architectures":["Llama4ForCausalLM"],"model_type":"llama4_text","hidden_act":"silu","hidden_size":{{Hidden}},"num_attention_heads":{{Heads}},
        "num_key_value_heads":{{KeyValueHeads}},"head_dim":{{HeadSize}},"intermediate_size":{{Width}},"intermediate_size_mlp":{{2 * Width}},"num_local_experts":{{Experts}},
        "num_experts_per_tok":1,"interleave_moe_layer_step":1,"num_hidden_layers":{{Layers}},"no_rope_layers":[1,0],"no_rope_layer_interval":4,"attention_chunk_size":8192,
        "attn_temperature_tuning":true,"attn_scale":0.1,"floor_scale":8192,"attention_bias":false,"use_qk_norm":true,"rms_norm_eps":1e-05,"rope_theta":500000.0,
        "rope_scaling":null,"max_position_embeddings":65536,"tie_word_embeddings":true,"vocab_size":{{Vocabulary}},"dtype":"bfloat16"}
        """);
}

/// <summary>What this device reached in this run.</summary>
/// <param name="BytesASecond">Read and written, of a copy within the device.</param>
/// <param name="BFloat16">Operations a second of a large product.</param>
/// <param name="Fp8">As <paramref name="BFloat16"/>; where there is no such product, the same.</param>
internal readonly record struct Peaks(double BytesASecond, double BFloat16, double Fp8);
