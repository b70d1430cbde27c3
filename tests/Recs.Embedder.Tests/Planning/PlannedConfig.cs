namespace Recs.Embedder.Tests.Planning;

/// <summary>config.json of checkpoints that no test machine holds.</summary>
internal static class PlannedConfig
{
    /// <summary>Meta's published sizes: Llama-4-Scout-17B-16E, every layer with 16 experts.</summary>
    public static string Scout => Nested(48, 5120, 40, 8, 8192, 16, step: 1);

    /// <summary>Meta's published sizes: Llama-4-Maverick-17B-128E, 128 experts in every second layer.</summary>
    public static string Maverick => Nested(48, 5120, 40, 8, 8192, 128, step: 2);

    /// <summary>Made up: some two trillion parameters.</summary>
    public static string TwoTrillion => Nested(120, 12_288, 96, 16, 14_336, 32, step: 1);

    /// <summary>A new file with <paramref name="config"/>.</summary>
    public static string File(string config)
    {
        var path = Path.Combine(GoldenFolder.Temporary(), "planned.json");
        System.IO.File.WriteAllText(path, config);
        return path;
    }

    public static string Nested(int layers, long hidden, int heads, int keyValueHeads, long width, int experts, int step) => $$"""
        {"model_type": "llama4", "vision_config": {"hidden_size": 1408}, "text_config": {"model_type": "llama4_text", "vocab_size": 202048, "hidden_size": {{hidden}},
         "num_hidden_layers": {{layers}}, "num_attention_heads": {{heads}}, "num_key_value_heads": {{keyValueHeads}}, "head_dim": 128, "intermediate_size": {{width}},
         "intermediate_size_mlp": 16384, "num_local_experts": {{experts}}, "num_experts_per_tok": 1, "interleave_moe_layer_step": {{step}}, "no_rope_layers": [],
         "attention_chunk_size": 8192, "tie_word_embeddings": false}
        }
        """;
}
