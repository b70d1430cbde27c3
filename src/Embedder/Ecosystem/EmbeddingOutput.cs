using Microsoft.ML.Data;

namespace Recs.Embedder.Ecosystem;

/// <summary>What the mapping writes. A loaded ML.NET model knows a vector's size only from an attribute, so each size is a class.</summary>
internal abstract class EmbeddingOutput
{
    public abstract VBuffer<float> RecsVector { get; set; }
}

internal sealed class Output64 : EmbeddingOutput { [VectorType(64)] public override VBuffer<float> RecsVector { get; set; } }

internal sealed class Output128 : EmbeddingOutput { [VectorType(128)] public override VBuffer<float> RecsVector { get; set; } }

internal sealed class Output256 : EmbeddingOutput { [VectorType(256)] public override VBuffer<float> RecsVector { get; set; } }

internal sealed class Output384 : EmbeddingOutput { [VectorType(384)] public override VBuffer<float> RecsVector { get; set; } }

internal sealed class Output512 : EmbeddingOutput { [VectorType(512)] public override VBuffer<float> RecsVector { get; set; } }

internal sealed class Output768 : EmbeddingOutput { [VectorType(768)] public override VBuffer<float> RecsVector { get; set; } }

internal sealed class Output1024 : EmbeddingOutput { [VectorType(1024)] public override VBuffer<float> RecsVector { get; set; } }

internal sealed class Output2048 : EmbeddingOutput { [VectorType(2048)] public override VBuffer<float> RecsVector { get; set; } }

internal sealed class Output4096 : EmbeddingOutput { [VectorType(4096)] public override VBuffer<float> RecsVector { get; set; } }

internal sealed class Output5120 : EmbeddingOutput { [VectorType(5120)] public override VBuffer<float> RecsVector { get; set; } }
