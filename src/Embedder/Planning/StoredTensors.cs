using Recs.Domain;
using Recs.Embedder.Checkpoint;

namespace Recs.Embedder.Planning;

/// <summary>Needed tensors with the bytes they take as stored, and what lies beside them.</summary>
internal sealed record StoredTensors(IReadOnlyList<(PlannedTensor Tensor, long Bytes)> Needed, UnusedTensors Unused)
{
    /// <summary>Of the files of a folder; only their headers are read.</summary>
    /// <exception cref="RefusedException">A needed tensor is missing, or of another shape or format than config.json asks for.</exception>
    public static StoredTensors In(CheckpointFolder checkpoint, Llama4Config config)
    {
        bool IsFused(int layer) => checkpoint.FindFused($"layers.{layer}.feed_forward.experts.gate_up_proj") is not null;
        var needed = new List<(PlannedTensor, long)>();
        var used = new HashSet<TensorView>(ReferenceEqualityComparer.Instance);
        foreach (var planned in PlannedTensors.Of(config, IsFused))
        {
            var stored = (planned.Shape.Length == 3 ? checkpoint.FindFused(planned.Name) : null) ?? checkpoint.Require(planned.Name);
            stored.RequireShape(planned.Shape);
            _ = stored.Type; // refuses what no weight can be
            used.Add(stored);
            var bytes = BytesOf(stored);
            if ((checkpoint.Find(planned.ScaleName) ?? checkpoint.Find(planned.Name + ".weight_scale")) is { } scale && used.Add(scale)) bytes += BytesOf(scale);
            needed.Add((planned, bytes));
        }
        return new StoredTensors(needed, Rest(checkpoint, used));
    }

    /// <summary>Of a configuration alone, all of one format.</summary>
    public static StoredTensors As(StoredAs format, Llama4Config config)
    {
        List<(PlannedTensor, long)> needed = [.. PlannedTensors.Of(config, _ => true).Select(tensor => (tensor, BytesOf(tensor, format)))];
        var head = config.TiesOutputHead ? 0 : (long)config.VocabularySize * config.HiddenSize * (format == StoredAs.Float32 ? sizeof(float) : sizeof(ushort));
        return new StoredTensors(needed, new UnusedTensors(head, 0, 0));
    }

    private static long BytesOf(PlannedTensor tensor, StoredAs format) => format switch
    {
        StoredAs.Float32 => checked(tensor.Count * sizeof(float)),
        StoredAs.Fp8Experts when tensor.Part == ModelPart.RoutedExperts => checked(tensor.Count + tensor.Outputs * sizeof(ushort)),
        _ => checked(tensor.Count * sizeof(ushort)),
    };

    private static UnusedTensors Rest(CheckpointFolder checkpoint, HashSet<TensorView> used)
    {
        long head = 0, vision = 0, other = 0;
        foreach (var tensor in checkpoint.Files.SelectMany(file => file.Tensors).Where(tensor => !used.Contains(tensor)))
        {
            var name = CheckpointFolder.Normalize(tensor.Name);
            if (name.StartsWith("lm_head.", StringComparison.Ordinal)) head += BytesOf(tensor);
            else if (name.StartsWith("vision_", StringComparison.Ordinal) || name.StartsWith("multi_modal_projector.", StringComparison.Ordinal)) vision += BytesOf(tensor);
            else other += BytesOf(tensor);
        }
        return new UnusedTensors(head, vision, other);
    }

    /// <summary>A format that is not known here has at least one byte a number; only tensors that are not needed can have one.</summary>
    private static long BytesOf(TensorView tensor) => checked(tensor.Count * (ElementTypes.SizeOf(tensor.TypeName) ?? 1));
}
