using Recs.Domain;
using Recs.Embedder.Checkpoint;
using Recs.Embedder.Compute.Cuda;

namespace Recs.Embedder.Planning;

/// <summary>
/// What a checkpoint holds and what running it needs, worked out from its config.json and the headers of its files: no weight is read.
/// Immutable, thread-safe.
/// </summary>
public sealed class CheckpointPlan
{
    private readonly Llama4Config _config;
    private readonly StoredTensors _stored;

    private CheckpointPlan(Llama4Config config, StoredTensors stored)
    {
        Parameters = ModelParts.Sum(stored.Needed.Select(entry => (entry.Tensor.Part, entry.Tensor.Count)));
        StoredBytes = ModelParts.Sum(stored.Needed.Select(entry => (entry.Tensor.Part, entry.Bytes)));
        Unused = stored.Unused;
        OutputHeadParameters = config.TiesOutputHead ? 0 : (long)config.VocabularySize * config.HiddenSize;
        var layers = new long[config.Layers.Count];
        foreach (var (tensor, bytes) in stored.Needed)
            if (tensor.Layer >= 0) layers[tensor.Layer] += bytes;
        LayerBytes = layers;
        LargestLayer = Array.IndexOf(layers, layers.Max());
        ActivePerToken = Parameters.Total - Parameters.Embeddings - Parameters.RoutedExperts + (config.Experts == 0 ? 0 : Parameters.RoutedExperts / config.Experts);
        TableRowBytes = StoredBytes.Embeddings / config.VocabularySize;
        Cost = new ForwardCost(config);
        Memory = new MemoryNeed(config, StoredBytes.Total - StoredBytes.Embeddings, LargestPart(config, stored.Needed));
        (_config, _stored) = (config, stored);
    }

    /// <summary>Numbers in the tensors that the text model is made of.</summary>
    public ModelParts Parameters { get; }

    /// <summary>Parameters that a token meets: one expert a layer, and no token table.</summary>
    public long ActivePerToken { get; }

    /// <summary>Parameters of the output head that configs of this kind have, 0 where it is the token table; never loaded.</summary>
    public long OutputHeadParameters { get; }

    /// <summary>Bytes in the files, scales counted with what they scale.</summary>
    public ModelParts StoredBytes { get; }

    /// <summary>Bytes in the files that are never read.</summary>
    public UnusedTensors Unused { get; }

    /// <summary>Stored bytes by layer.</summary>
    public IReadOnlyList<long> LayerBytes { get; }

    /// <summary>0-based; the first of the largest.</summary>
    public int LargestLayer { get; }

    /// <summary>Bytes of a token's row in the token table, as stored.</summary>
    public long TableRowBytes { get; }

    /// <summary>Floating-point operations of a pass.</summary>
    public ForwardCost Cost { get; }

    /// <summary>Bytes of memory, with all layers in it or part by part.</summary>
    public MemoryNeed Memory { get; }

    /// <summary>Bytes of each GPU's memory: weights are brought to what a product takes there, routed experts are spread over all,
    /// and two stored matrices lie there while they are being brought to another form.</summary>
    /// <param name="precision">Of the products.</param>
    /// <param name="devices">GPUs, at least 1.</param>
    public MemoryNeed OnGpus(Precision precision, int devices = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(devices);
        var needed = _stored.Needed.Select(entry => (entry.Tensor, Bytes: DeviceBytes(entry.Tensor, entry.Bytes, precision))).ToList();
        long Here((PlannedTensor Tensor, long Bytes) entry) => entry.Tensor.Part == ModelPart.RoutedExperts ? (entry.Bytes + devices - 1) / devices : entry.Bytes;
        return new MemoryNeed(_config, needed.Where(entry => entry.Tensor.Layer >= 0 || entry.Tensor.Part == ModelPart.Norms).Sum(Here) + CudaWeights.Conversions * LargestPart(_config, _stored.Needed), LargestPart(_config, needed), CudaTuning.BatchTokens);
    }

    /// <summary>Of a checkpoint folder. Names, shapes and formats are checked as loading would.</summary>
    /// <param name="folder">config.json and safetensors.</param>
    /// <exception cref="RefusedException">A file is missing or damaged, or is not the model that config.json describes.</exception>
    public static CheckpointPlan OfFolder(string folder)
    {
        if (!Directory.Exists(folder)) throw new RefusedException($"{folder}: no such model folder");
        var config = Llama4ConfigFile.Read(folder);
        using var checkpoint = CheckpointFolder.Open(folder);
        return OfCheckpoint(folder, config, checkpoint);
    }

    /// <summary>Of a folder that is open.</summary>
    internal static CheckpointPlan OfCheckpoint(string folder, Llama4Config config, CheckpointFolder checkpoint) =>
        Make(Path.Combine(folder, "config.json"), config, () => StoredTensors.In(checkpoint, config));

    /// <summary>Of a configuration alone.</summary>
    /// <param name="file">A config.json under any name.</param>
    /// <param name="storedAs">How its weights are taken to be stored.</param>
    /// <exception cref="RefusedException">The file is missing, not JSON, or of another model.</exception>
    public static CheckpointPlan OfConfig(string file, StoredAs storedAs = StoredAs.BFloat16)
    {
        var config = Llama4ConfigFile.ReadFile(file);
        return Make(file, config, () => StoredTensors.As(storedAs, config));
    }

    /// <summary>Of attention, feed-forward (router and shared expert, or dense) and single routed experts, the largest.</summary>
    private static long LargestPart(Llama4Config config, IReadOnlyList<(PlannedTensor Tensor, long Bytes)> needed)
    {
        var parts = new Dictionary<(int Layer, bool IsAttention, bool IsRouted), long>();
        foreach (var (tensor, bytes) in needed)
        {
            if (tensor.Layer < 0 || tensor.Part == ModelPart.Norms) continue;
            var key = (tensor.Layer, tensor.Part == ModelPart.Attention, tensor.Part == ModelPart.RoutedExperts);
            parts[key] = parts.GetValueOrDefault(key) + bytes;
        }
        return parts.Max(part => part.Key.IsRouted ? part.Value / config.Experts : part.Value);
    }

    private static long DeviceBytes(PlannedTensor tensor, long stored, Precision precision)
    {
        if (tensor.Part == ModelPart.Norms || precision == Precision.Float32) return checked(tensor.Count * sizeof(float));
        // Less than two bytes a number: FP8 with its scales.
        var isFp8 = precision != Precision.BFloat16 && (stored < 2 * tensor.Count || (precision == Precision.Fp8Experts && tensor.Part == ModelPart.RoutedExperts));
        return isFp8 ? checked(tensor.Count + tensor.Outputs * sizeof(float)) : checked(tensor.Count * sizeof(ushort));
    }

    private static CheckpointPlan Make(string file, Llama4Config config, Func<StoredTensors> stored)
    {
        try
        {
            return new CheckpointPlan(config, stored());
        }
        catch (OverflowException tooLarge)
        {
            throw new RefusedException($"{file}: its sizes multiply to more than {long.MaxValue} bytes; check hidden_size, num_hidden_layers, num_local_experts and the widths", tooLarge);
        }
    }
}
