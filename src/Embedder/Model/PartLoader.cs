using Recs.Domain;
using Recs.Embedder.Checkpoint;
using Recs.Embedder.Compute;

namespace Recs.Embedder.Model;

/// <summary>
/// Builds weight parts from a checkpoint's tensors: names, shapes and layouts of both published forms (fused experts, one by one).
/// Thread-safe.
/// </summary>
/// <param name="config">The model.</param>
/// <param name="checkpoint">Its tensors.</param>
/// <param name="weights">Where they go.</param>
/// <param name="precision">Whether routed experts are rounded on the way.</param>
internal sealed class PartLoader(Llama4Config config, CheckpointFolder checkpoint, IWeightStore weights, Precision precision = Precision.Float32)
{
    private const string FinalNorm = "norm.weight";

    private readonly RotaryEmbedding _rotary = new(config);
    private readonly long _hidden = config.HiddenSize;
    private readonly long _queryColumns = (long)config.Heads * config.HeadSize;
    private readonly long _keyColumns = (long)config.KeyValueHeads * config.HeadSize;

    public Llama4Config Config => config;

    /// <summary>All parts in the order of the forward pass.</summary>
    public IEnumerable<PartKey> Keys(int expertsAPart)
    {
        for (var layer = 0; layer < config.Layers.Count; layer++)
        {
            yield return new PartKey(layer, PartKind.Attention);
            yield return new PartKey(layer, PartKind.FeedForward);
            if (!config.Layers[layer].HasExperts) continue;
            for (var expert = 0; expert < config.Experts; expert += expertsAPart) yield return new PartKey(layer, PartKind.Experts, expert);
        }
    }

    /// <summary>Checks that every tensor of every part is there in the right shape and format, without reading it (but for FP8 scales, which are few).</summary>
    /// <exception cref="RefusedException">One is missing, or of another shape or format.</exception>
    public void RequireAll()
    {
        foreach (var key in Keys(1))
        {
            foreach (var matrix in Sources(key))
                foreach (var source in matrix) _ = (source.Tensor.Type, source.ReadScales());
            if (key.Kind != PartKind.Experts) _ = StoredNorm(NormName(key));
        }
        _ = StoredNorm(FinalNorm);
    }

    /// <exception cref="RefusedException">A tensor is missing, of another shape or format, or not finite.</exception>
    public WeightPart Load(PartKey key, int expertsAPart)
    {
        if (key.Kind == PartKind.Experts)
        {
            var experts = new ExpertWeights[Math.Min(expertsAPart, config.Experts - key.Expert)];
            var all = Upload([.. Enumerable.Range(key.Expert, experts.Length).SelectMany(expert => Sources(key with { Expert = expert }))]);
            for (var e = 0; e < experts.Length; e++) experts[e] = new ExpertWeights(all[2 * e], all[2 * e + 1]);
            return new ExpertGroup(key.Expert, experts);
        }
        var norm = Norm(NormName(key));
        var matrices = Upload(Sources(key));
        return key.Kind == PartKind.Attention
            ? new AttentionBlock(config, config.Layers[key.Layer], _rotary, norm, matrices[0], matrices[1])
            : new FeedForwardBlock(config, norm, matrices.Length > 2 ? matrices[2] : null, matrices[0], matrices[1]);
    }

    /// <exception cref="RefusedException">The tensor is missing, of another shape or format, or not finite.</exception>
    public Vector LoadFinalNorm() => Norm(FinalNorm);

    /// <summary>The token embeddings; where the weights pass through memory, so do these.</summary>
    /// <exception cref="RefusedException">The tensor is missing, of another shape or format, or not finite.</exception>
    public EmbeddingTable Table(bool isResident) => weights.UploadTable(Unscaled(checkpoint.Require("embed_tokens.weight").RequireShape(config.VocabularySize, _hidden)), isResident);

    /// <summary>Waits until everything loaded so far is where it is used.</summary>
    public void Settle() => weights.Settle();

    /// <summary>All of them, or none where one is refused.</summary>
    private Matrix[] Upload(MatrixSource[][] sources)
    {
        var matrices = new Matrix?[sources.Length];
        try
        {
            for (var m = 0; m < matrices.Length; m++) matrices[m] = weights.Upload(sources[m]);
            return matrices!;
        }
        catch
        {
            foreach (var matrix in matrices) matrix?.Dispose();
            throw;
        }
    }

    private Vector Norm(string name) => weights.UploadVector(StoredNorm(name));

    private TensorView StoredNorm(string name) => Unscaled(checkpoint.Require(name).RequireShape(_hidden));

    private static string NormName(PartKey key) => $"layers.{key.Layer}.{(key.Kind == PartKind.Attention ? "input" : "post_attention")}_layernorm.weight";

    /// <summary>Matrices of a part, each a stack of stored ones: queries, keys and values above output; gate and up, down, router.</summary>
    private MatrixSource[][] Sources(PartKey key)
    {
        var layer = $"layers.{key.Layer}.";
        var feedForward = layer + "feed_forward.";
        if (key.Kind == PartKind.Attention)
        {
            var attention = layer + "self_attn.";
            return
            [
                [Linear(attention + "q_proj", _queryColumns, _hidden), Linear(attention + "k_proj", _keyColumns, _hidden), Linear(attention + "v_proj", _keyColumns, _hidden)],
                [Linear(attention + "o_proj", _hidden, _queryColumns)],
            ];
        }
        if (key.Kind == PartKind.Experts) return Array.ConvertAll(ExpertSources(feedForward, key.Expert), sources => Array.ConvertAll(sources, source => OfExpert(source, key.Expert)));
        if (!config.Layers[key.Layer].HasExperts) return SwiGluSources(feedForward, config.DenseWidth);
        return [.. SwiGluSources(feedForward + "shared_expert.", config.ExpertWidth), [Linear(feedForward + "router", config.Experts, _hidden)]];
    }

    private MatrixSource[][] SwiGluSources(string name, long width) =>
        [[Linear(name + "gate_proj", width, _hidden), Linear(name + "up_proj", width, _hidden)], [Linear(name + "down_proj", _hidden, width)]];

    /// <summary>Fused: gate_up_proj is [expert, in, gate | up], down_proj [expert, in, out].</summary>
    private MatrixSource[][] ExpertSources(string feedForward, int expert)
    {
        var gateUp = checkpoint.FindFused(feedForward + "experts.gate_up_proj");
        if (gateUp is null) return SwiGluSources($"{feedForward}experts.{expert}.", config.ExpertWidth);
        var width = (long)config.ExpertWidth;
        var down = checkpoint.FindFused(feedForward + "experts.down_proj") ?? checkpoint.Require(feedForward + "experts.down_proj");
        return
        [
            [Fused(gateUp, feedForward + "experts.gate_up_proj", expert, 2 * width, _hidden)],
            [Fused(down, feedForward + "experts.down_proj", expert, _hidden, width)],
        ];
    }

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

    private MatrixSource OfExpert(MatrixSource source, int expert) =>
        source with { Expert = expert, IsRounded = precision == Precision.Fp8Experts && source.Tensor.Type != ElementType.F8E4M3 };

    private static TensorView Unscaled(TensorView tensor) => tensor.Type == ElementType.F8E4M3
        ? throw new RefusedException($"{tensor.FilePath}: tensor {tensor.Name} has dtype F8_E4M3; only matrices are read as FP8")
        : tensor;
}
