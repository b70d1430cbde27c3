using System.Globalization;
using Recs.Domain;

namespace Recs.Pipelines.Bench.Recipes;

/// <summary>
/// The shape of a made-up Llama 4 text checkpoint. Names and numbers of these presets are fixed: checksums of their bytes are kept elsewhere.
/// </summary>
internal sealed record RecipePreset
{
    public required string Name { get; init; }
    public required int Vocabulary { get; init; }
    public required int Hidden { get; init; }
    public required int ExpertWidth { get; init; }
    public required int DenseWidth { get; init; }
    public required int Layers { get; init; }
    public required int Heads { get; init; }
    public required int KeyValueHeads { get; init; }
    public required int HeadSize { get; init; }
    public required int Experts { get; init; }

    /// <summary>Every so many layers has experts.</summary>
    public required int ExpertStep { get; init; }
    public required int Chunk { get; init; }
    public required int Floor { get; init; }
    public required int Positions { get; init; }
    public required int OriginalPositions { get; init; }

    /// <summary>91,200 bytes of weights; 1.6 GB is <c>medium</c>.</summary>
    public static IReadOnlyList<RecipePreset> All { get; } =
    [
        new()
        {
            Name = "tiny", Vocabulary = 64, Hidden = 32, ExpertWidth = 24, DenseWidth = 40, Layers = 4, Heads = 4, KeyValueHeads = 2, HeadSize = 8,
            Experts = 4, ExpertStep = 2, Chunk = 8, Floor = 4, Positions = 256, OriginalPositions = 16,
        },
        new()
        {
            Name = "small", Vocabulary = 32768, Hidden = 512, ExpertWidth = 1024, DenseWidth = 2048, Layers = 8, Heads = 8, KeyValueHeads = 2, HeadSize = 64,
            Experts = 8, ExpertStep = 1, Chunk = 256, Floor = 128, Positions = 4096, OriginalPositions = 256,
        },
        new()
        {
            Name = "medium", Vocabulary = 32768, Hidden = 1024, ExpertWidth = 2048, DenseWidth = 4096, Layers = 12, Heads = 8, KeyValueHeads = 2, HeadSize = 128,
            Experts = 16, ExpertStep = 2, Chunk = 1024, Floor = 512, Positions = 16384, OriginalPositions = 1024,
        },
    ];

    /// <exception cref="RefusedException">No such preset.</exception>
    public static RecipePreset Find(string name) => All.FirstOrDefault(preset => preset.Name == name)
        ?? throw new RefusedException($"recipe '{name}' is unknown; there are {string.Join(", ", All.Select(preset => preset.Name))}");

    /// <summary>In the order of the files.</summary>
    public IEnumerable<RecipeTensor> Tensors()
    {
        long hidden = Hidden, queries = (long)Heads * HeadSize, keys = (long)KeyValueHeads * HeadSize;
        yield return new("model.embed_tokens.weight", [Vocabulary, hidden], 0, 1);
        for (var l = 0; l < Layers; l++)
        {
            var layer = $"model.layers.{l}.";
            yield return Norm(layer + "input_layernorm.weight");
            yield return Matrix(layer + "self_attn.q_proj.weight", 1.3, hidden, queries, hidden);
            yield return Matrix(layer + "self_attn.k_proj.weight", 1.3, hidden, keys, hidden);
            yield return Matrix(layer + "self_attn.v_proj.weight", 1.6, hidden, keys, hidden);
            yield return Matrix(layer + "self_attn.o_proj.weight", 1.0, queries, hidden, queries);
            yield return Norm(layer + "post_attention_layernorm.weight");
            foreach (var tensor in FeedForward(layer + "feed_forward.", (l + 1) % ExpertStep == 0)) yield return tensor;
        }
        yield return Norm("model.norm.weight");
    }

    private RecipeTensor[] FeedForward(string name, bool hasExperts)
    {
        if (!hasExperts) return Gated(name, DenseWidth);
        return
        [
            Matrix(name + "router.weight", 1.0, Hidden, Experts, Hidden),
            Matrix(name + "experts.gate_up_proj", 1.5, Hidden, Experts, Hidden, 2L * ExpertWidth),
            Matrix(name + "experts.down_proj", 1.2, ExpertWidth, Experts, ExpertWidth, Hidden),
            .. Gated(name + "shared_expert.", ExpertWidth),
        ];
    }

    private RecipeTensor[] Gated(string name, long width) =>
    [
        Matrix(name + "gate_proj.weight", 1.4, Hidden, width, Hidden),
        Matrix(name + "up_proj.weight", 1.4, Hidden, width, Hidden),
        Matrix(name + "down_proj.weight", 1.2, width, Hidden, width),
    ];

    private RecipeTensor Norm(string name) => new(name, [Hidden], 1, 0.1);

    private static RecipeTensor Matrix(string name, double gain, long inputs, params long[] shape) => new(name, shape, 0, gain / Math.Sqrt(inputs));

    /// <summary>config.json to the byte as the recipe's Python side writes it.</summary>
    public string Config() => string.Create(CultureInfo.InvariantCulture, $$"""
        {
          "num_experts_per_tok": 1,
          "use_qk_norm": true,
          "attn_scale": 0.1,
          "attn_temperature_tuning": true,
          "rms_norm_eps": 1e-05,
          "hidden_act": "silu",
          "attention_bias": false,
          "tie_word_embeddings": false,
          "model_type": "llama4_text",
          "architectures": [
            "Llama4ForCausalLM"
          ],
          "dtype": "bfloat16",
          "no_rope_layers": [],
          "bos_token_id": 0,
          "eos_token_id": 1,
          "vocab_size": {{Vocabulary}},
          "hidden_size": {{Hidden}},
          "intermediate_size": {{ExpertWidth}},
          "intermediate_size_mlp": {{DenseWidth}},
          "num_hidden_layers": {{Layers}},
          "num_attention_heads": {{Heads}},
          "num_key_value_heads": {{KeyValueHeads}},
          "head_dim": {{HeadSize}},
          "num_local_experts": {{Experts}},
          "interleave_moe_layer_step": {{ExpertStep}},
          "attention_chunk_size": {{Chunk}},
          "floor_scale": {{Floor}},
          "max_position_embeddings": {{Positions}},
          "rope_parameters": {
            "rope_type": "llama3",
            "rope_theta": 500000.0,
            "factor": 16.0,
            "low_freq_factor": 1.0,
            "high_freq_factor": 1.0,
            "original_max_position_embeddings": {{OriginalPositions}}
          }
        }
        """);
}
