using Recs.Domain;

namespace Recs.Embedder.Checkpoint;

/// <summary>
/// Reads config.json as published since 2025: nested or flat, rope_parameters or rope_theta + rope_scaling, lists present, null or empty,
/// booleans written as numbers. What would be computed as something else is refused. Defaults are those of transformers' Llama4TextConfig.
/// </summary>
internal static class Llama4ConfigFile
{
    /// <exception cref="RefusedException">The file is missing, not JSON, or asks for another model.</exception>
    public static Llama4Config Read(string folder) => ReadFile(Path.Combine(folder, "config.json"));

    /// <summary>A config.json under any name, without a checkpoint beside it.</summary>
    /// <exception cref="RefusedException">The file is missing, not JSON, or asks for another model.</exception>
    public static Llama4Config ReadFile(string path)
    {
        using var document = JsonFile.Read(path);
        var root = new JsonFields(document.RootElement, path);
        if (!root.IsObject) throw new RefusedException($"{path}: not a JSON object");
        var type = root.Text("model_type");
        if (type is not ("llama4" or "llama4_text")) throw root.Refuse("model_type", type ?? "missing", "llama4 or llama4_text");
        return ReadText(root.Object("text_config") ?? root);
    }

    private static Llama4Config ReadText(JsonFields text)
    {
        if (text.Text("model_type") is { } type and not ("llama4" or "llama4_text")) throw text.Refuse("model_type", type, "llama4_text");
        if (text.Text("hidden_act") is { } activation and not "silu") throw text.Refuse("hidden_act", activation, "silu");
        if (text.Flag("attention_bias") is true) throw text.Refuse("attention_bias", "true", "false");
        if (text.Whole("num_experts_per_tok", 1) is { } perToken and not 1) throw text.Refuse("num_experts_per_tok", $"{perToken}", "1 (Llama 4 routes to one expert)");
        var hidden = text.RequireWhole("hidden_size", 1);
        var heads = text.RequireWhole("num_attention_heads", 1);
        var keyValueHeads = text.Whole("num_key_value_heads", 1) ?? heads;
        if (heads % keyValueHeads != 0) throw text.Refuse("num_key_value_heads", $"{keyValueHeads}", $"a divisor of num_attention_heads ({heads})");
        if (text.Whole("head_dim", 1) is null && hidden % heads != 0) throw text.Missing("head_dim");
        var headSize = text.Whole("head_dim", 1) ?? hidden / heads;
        if (headSize % 2 != 0) throw text.Refuse("head_dim", $"{headSize}", "an even number, since rope turns pairs");
        var layers = ReadLayers(text);
        var rope = RopeFields(text, out var theta);
        return new Llama4Config
        {
            HiddenSize = hidden,
            VocabularySize = text.RequireWhole("vocab_size", 1),
            Heads = heads,
            KeyValueHeads = keyValueHeads,
            HeadSize = headSize,
            ExpertWidth = text.RequireWhole("intermediate_size", 1),
            DenseWidth = layers.All(layer => layer.HasExperts) ? 0 : text.RequireWhole("intermediate_size_mlp", 1),
            Experts = layers.Any(layer => layer.HasExperts) ? text.RequireWhole("num_local_experts", 1) : 0,
            NormEpsilon = (float)(text.Number("rms_norm_eps") ?? 1e-5),
            QueryKeyNorm = text.Flag("use_qk_norm") ?? true,
            RopeTheta = theta,
            RopeStretch = ReadStretch(text, rope),
            Temperature = ReadTemperature(text),
            AttentionChunk = ReadChunk(text),
            TiesOutputHead = text.Flag("tie_word_embeddings") ?? false,
            Layers = layers,
        };
    }

    private static LayerKind[] ReadLayers(JsonFields text)
    {
        var count = text.RequireWhole("num_hidden_layers", 1);
        if (count > 100_000) throw text.Refuse("num_hidden_layers", $"{count}", "at most 100000");
        var interval = text.Whole("no_rope_layer_interval", 1) ?? 4;
        var rope = NonEmpty(text.Wholes("no_rope_layers")) ?? [.. Enumerable.Range(0, count).Select(layer => (layer + 1) % interval != 0 ? 1 : 0)];
        if (rope.Length != count) throw text.Refuse("no_rope_layers", $"a list of {rope.Length}", $"{count} entries, one a layer");
        // An explicit empty list means "all dense", unlike no_rope_layers, where it means "by the rule".
        var step = text.Whole("interleave_moe_layer_step", 0) ?? 1;
        var experts = text.Wholes("moe_layers") ?? (step == 0 ? [] : [.. Enumerable.Range(0, count).Where(layer => (layer + 1) % step == 0)]);
        if (experts.FirstOrDefault(layer => layer < 0 || layer >= count, -1) is var outside and not -1) throw text.Refuse("moe_layers", $"naming layer {outside}", $"layers 0 to {count - 1}");
        var masks = text.Texts("layer_types") ?? [];
        if (masks.Length == 0) masks = [.. rope.Select(has => has != 0 ? "chunked_attention" : "full_attention")];
        if (masks.Length != count) throw text.Refuse("layer_types", $"a list of {masks.Length}", $"{count} entries, one a layer");
        if (masks.FirstOrDefault(mask => mask is not ("chunked_attention" or "full_attention")) is { } unknown) throw text.Refuse("layer_types", unknown, "chunked_attention or full_attention");
        var withExperts = experts.ToHashSet();
        return [.. Enumerable.Range(0, count).Select(layer => new LayerKind(rope[layer] != 0, masks[layer] == "chunked_attention", withExperts.Contains(layer)))];
    }

    private static int[]? NonEmpty(int[]? list) => list is { Length: 0 } ? null : list;

    /// <summary>A non-null rope_scaling replaces rope_parameters wholly, as in transformers; theta then comes from rope_theta.</summary>
    private static JsonFields? RopeFields(JsonFields text, out double theta)
    {
        var scaling = text.Object("rope_scaling");
        var fields = scaling ?? text.Object("rope_parameters");
        theta = (scaling is null ? fields?.Number("rope_theta") : null) ?? text.Number("rope_theta") ?? fields?.Number("rope_theta") ?? 500_000;
        if (theta <= 0) throw text.Refuse("rope_theta", $"{theta}", "a positive number");
        return fields;
    }

    private static RopeStretch? ReadStretch(JsonFields text, JsonFields? rope)
    {
        if (rope is not { } fields) return null;
        var type = fields.Text("rope_type") ?? fields.Text("type") ?? "default";
        if (type == "default") return null;
        if (type != "llama3") throw fields.Refuse("rope_type", type, "default or llama3");
        var stretch = new RopeStretch(
            fields.Number("factor") ?? throw fields.Missing("rope factor"),
            fields.Number("low_freq_factor") ?? throw fields.Missing("rope low_freq_factor"),
            fields.Number("high_freq_factor") ?? throw fields.Missing("rope high_freq_factor"),
            fields.Number("original_max_position_embeddings") ?? text.Number("max_position_embeddings") ?? throw fields.Missing("rope original_max_position_embeddings"));
        if (stretch.Factor <= 0 || stretch.LowFrequencyFactor <= 0 || stretch.HighFrequencyFactor < stretch.LowFrequencyFactor || stretch.OriginalPositions <= 0)
            throw fields.Refuse("rope scaling", $"{stretch}", "positive factors with low_freq_factor ≤ high_freq_factor");
        return stretch;
    }

    private static TemperatureTuning? ReadTemperature(JsonFields text)
    {
        if (text.Flag("attn_temperature_tuning") is false) return null;
        var floor = text.Number("floor_scale") ?? 8192;
        if (floor <= 0) throw text.Refuse("floor_scale", $"{floor}", "a positive number");
        return new TemperatureTuning(floor, text.Number("attn_scale") ?? 0.1);
    }

    /// <summary>Absent is the default of 8192; an explicit null means no chunking.</summary>
    private static int? ReadChunk(JsonFields text) => text.IsNull("attention_chunk_size") ? null : text.Whole("attention_chunk_size", 1) ?? 8192;
}
