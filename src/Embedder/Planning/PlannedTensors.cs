using Recs.Embedder.Checkpoint;

namespace Recs.Embedder.Planning;

/// <summary>The tensors that a text model is loaded from, by its configuration: names and shapes as the loader asks for them.</summary>
internal static class PlannedTensors
{
    /// <param name="config">The model.</param>
    /// <param name="isFused">Whether the experts of a layer are stored as one tensor, rather than one by one.</param>
    public static IEnumerable<PlannedTensor> Of(Llama4Config config, Func<int, bool> isFused)
    {
        long hidden = config.HiddenSize;
        yield return new("embed_tokens.weight", -1, ModelPart.Embeddings, [config.VocabularySize, hidden]);
        for (var l = 0; l < config.Layers.Count; l++)
        {
            foreach (var tensor in Attention(config, l)) yield return tensor;
            var feedForward = $"layers.{l}.feed_forward.";
            var rest = config.Layers[l].HasExperts
                ? Experts(config, l, feedForward, isFused(l))
                : Gated(feedForward, l, ModelPart.Dense, config.DenseWidth, hidden);
            foreach (var tensor in rest) yield return tensor;
        }
        yield return new("norm.weight", -1, ModelPart.Norms, [hidden]);
    }

    private static IEnumerable<PlannedTensor> Attention(Llama4Config config, int layer)
    {
        long hidden = config.HiddenSize, queries = (long)config.Heads * config.HeadSize, keys = (long)config.KeyValueHeads * config.HeadSize;
        var name = $"layers.{layer}.";
        yield return new(name + "input_layernorm.weight", layer, ModelPart.Norms, [hidden]);
        yield return new(name + "self_attn.q_proj.weight", layer, ModelPart.Attention, [queries, hidden]);
        yield return new(name + "self_attn.k_proj.weight", layer, ModelPart.Attention, [keys, hidden]);
        yield return new(name + "self_attn.v_proj.weight", layer, ModelPart.Attention, [keys, hidden]);
        yield return new(name + "self_attn.o_proj.weight", layer, ModelPart.Attention, [hidden, queries]);
        yield return new(name + "post_attention_layernorm.weight", layer, ModelPart.Norms, [hidden]);
    }

    private static IEnumerable<PlannedTensor> Experts(Llama4Config config, int layer, string name, bool fused)
    {
        long hidden = config.HiddenSize, width = config.ExpertWidth, experts = config.Experts;
        yield return new(name + "router.weight", layer, ModelPart.Routers, [experts, hidden]);
        if (fused)
        {
            yield return new(name + "experts.gate_up_proj", layer, ModelPart.RoutedExperts, [experts, hidden, 2 * width]);
            yield return new(name + "experts.down_proj", layer, ModelPart.RoutedExperts, [experts, width, hidden]);
        }
        else
        {
            for (var expert = 0; expert < experts; expert++)
                foreach (var tensor in Gated($"{name}experts.{expert}.", layer, ModelPart.RoutedExperts, width, hidden)) yield return tensor;
        }
        foreach (var tensor in Gated(name + "shared_expert.", layer, ModelPart.SharedExperts, width, hidden)) yield return tensor;
    }

    private static IEnumerable<PlannedTensor> Gated(string name, int layer, ModelPart part, long width, long hidden)
    {
        yield return new(name + "gate_proj.weight", layer, part, [width, hidden]);
        yield return new(name + "up_proj.weight", layer, part, [width, hidden]);
        yield return new(name + "down_proj.weight", layer, part, [hidden, width]);
    }
}
