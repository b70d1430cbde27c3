using Recs.Domain;
using Recs.Embedder.Checkpoint;
using Recs.Embedder.Compute;

namespace Recs.Embedder.Model;

/// <summary>Builds the model from a checkpoint's tensors: names, shapes and layouts of both published forms (fused experts, one by one).</summary>
internal sealed class Llama4Loader(Llama4Config config, CheckpointFolder checkpoint, ICompute compute)
{
    private readonly long _hidden = config.HiddenSize;
    private readonly long _queryColumns = (long)config.Heads * config.HeadSize;
    private readonly long _keyColumns = (long)config.KeyValueHeads * config.HeadSize;

    /// <exception cref="RefusedException">A tensor is missing, of another shape or format, or not finite.</exception>
    public Llama4Model Load()
    {
        var table = Unscaled(checkpoint.Require("embed_tokens.weight").RequireShape(config.VocabularySize, _hidden));
        RequireMemory(checkpoint.ElementsUnder("layers.") * sizeof(float), GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        var rotary = new RotaryEmbedding(config);
        var layers = config.Layers.Select((kind, l) => LoadLayer(kind, $"layers.{l}.", rotary)).ToArray();
        return new Llama4Model(config, compute.UploadTable(table), layers, Norm("norm.weight"));
    }

    /// <exception cref="RefusedException">The widened layers do not fit; without this the process would die half way.</exception>
    internal static void RequireMemory(long neededBytes, long availableBytes)
    {
        if (neededBytes > availableBytes)
            throw new RefusedException($"the layers need {neededBytes / 1e9:F1} GB of memory as float32, but this process may use {availableBytes / 1e9:F1} GB; take a smaller model or a larger machine");
    }

    private DecoderLayer LoadLayer(LayerKind kind, string layer, RotaryEmbedding rotary)
    {
        var qkv_cd = compute.Upload(
            Linear(layer + "self_attn.q_proj", _queryColumns, _hidden),
            Linear(layer + "self_attn.k_proj", _keyColumns, _hidden),
            Linear(layer + "self_attn.v_proj", _keyColumns, _hidden));
        var output_dq = compute.Upload(Linear(layer + "self_attn.o_proj", _hidden, _queryColumns));
        var feedForward = layer + "feed_forward.";
        return new DecoderLayer(
            Norm(layer + "input_layernorm.weight"),
            new Attention(config, kind, rotary, qkv_cd, output_dq),
            Norm(layer + "post_attention_layernorm.weight"),
            kind.HasExperts ? null : LoadFeedForward(feedForward, config.DenseWidth),
            kind.HasExperts ? LoadExperts(feedForward) : null);
    }

    private MixtureOfExperts LoadExperts(string feedForward)
    {
        var router = new Router(compute.Upload(Linear(feedForward + "router", config.Experts, _hidden)));
        var experts = new ExpertWeights[config.Experts];
        var fused = FindFused(feedForward + "experts.gate_up_proj");
        for (var expert = 0; expert < experts.Length; expert++)
            experts[expert] = fused is null ? LoadExpert($"{feedForward}experts.{expert}.") : LoadFusedExpert(feedForward, fused, expert);
        return new MixtureOfExperts(router, experts, LoadFeedForward(feedForward + "shared_expert.", config.ExpertWidth));
    }

    private ExpertWeights LoadExpert(string name) => new(
        compute.Upload(Linear(name + "gate_proj", config.ExpertWidth, _hidden), Linear(name + "up_proj", config.ExpertWidth, _hidden)),
        compute.Upload(Linear(name + "down_proj", _hidden, config.ExpertWidth)));

    /// <summary>gate_up_proj is [expert, in, gate | up], down_proj [expert, in, out].</summary>
    private ExpertWeights LoadFusedExpert(string feedForward, TensorView gateUp, int expert)
    {
        var width = (long)config.ExpertWidth;
        var down = FindFused(feedForward + "experts.down_proj") ?? checkpoint.Require(feedForward + "experts.down_proj");
        return new ExpertWeights(
            compute.Upload(Fused(gateUp, feedForward + "experts.gate_up_proj", expert, 2 * width, _hidden)),
            compute.Upload(Fused(down, feedForward + "experts.down_proj", expert, _hidden, width)));
    }

    private FeedForward LoadFeedForward(string name, long width) => new(
        compute.Upload(Linear(name + "gate_proj", width, _hidden), Linear(name + "up_proj", width, _hidden)),
        compute.Upload(Linear(name + "down_proj", _hidden, width)));

    private MatrixSource Linear(string name, long outputs, long inputs)
    {
        var tensor = checkpoint.Require(name + ".weight").RequireShape(outputs, inputs);
        var scale = checkpoint.Find(name + ".weight_scale");
        if (scale is not null && scale.Count != 1 && scale.Count != outputs)
            throw new RefusedException($"{scale.FilePath}: tensor {scale.Name} has shape [{string.Join(", ", scale.Shape)}]; expected one scale, or one for each of {outputs} outputs");
        return new MatrixSource(tensor, 0, (int)outputs, (int)inputs, InputMajor: false, scale);
    }

    private MatrixSource Fused(TensorView tensor, string name, int expert, long outputs, long inputs)
    {
        tensor.RequireShape(config.Experts, inputs, outputs);
        var scale = checkpoint.Find(name + "_scale") ?? checkpoint.Find(name + ".weight_scale");
        return new MatrixSource(tensor, expert * inputs * outputs, (int)outputs, (int)inputs, InputMajor: true, scale, expert * outputs);
    }

    private TensorView? FindFused(string name) => checkpoint.Find(name) ?? checkpoint.Find(name + ".weight");

    private RmsNorm Norm(string name) => new(compute.UploadVector(Unscaled(checkpoint.Require(name).RequireShape(_hidden))), config.NormEpsilon);

    private static TensorView Unscaled(TensorView tensor) => tensor.Type == ElementType.F8E4M3
        ? throw new RefusedException($"{tensor.FilePath}: tensor {tensor.Name} has dtype F8_E4M3; only matrices are read as FP8")
        : tensor;
}
