namespace Recs.Embedder.Checkpoint;

/// <summary>What distinguishes one layer from another.</summary>
/// <param name="HasRope">Rotary positions (and, where the model has it, qk norm); without: temperature tuning.</param>
/// <param name="IsChunked">Keys outside the query's chunk of <see cref="Llama4Config.AttentionChunk"/> positions are hidden.</param>
/// <param name="HasExperts">Router, routed experts and shared expert in place of one dense feed-forward.</param>
internal readonly record struct LayerKind(bool HasRope, bool IsChunked, bool HasExperts);

/// <summary>Llama 3 style stretching of the low rotary frequencies, as Scout has it.</summary>
internal sealed record RopeStretch(double Factor, double LowFrequencyFactor, double HighFrequencyFactor, double OriginalPositions);

/// <summary>Scaling of queries by 1 + <paramref name="Scale"/> · ln(1 + floor((position + 1) / <paramref name="Floor"/>)) on layers without rope.</summary>
internal sealed record TemperatureTuning(double Floor, double Scale);

/// <summary>The text half of a Llama 4 config.json, with every default and variant resolved.</summary>
internal sealed record Llama4Config
{
    public required int HiddenSize { get; init; }
    public required int VocabularySize { get; init; }
    public required int Heads { get; init; }

    /// <summary>Query head n uses key-value head n / (Heads / KeyValueHeads).</summary>
    public required int KeyValueHeads { get; init; }
    public required int HeadSize { get; init; }

    /// <summary>Width of a routed expert and of the shared expert.</summary>
    public required int ExpertWidth { get; init; }

    /// <summary>Width of the feed-forward of layers without experts.</summary>
    public required int DenseWidth { get; init; }
    public required int Experts { get; init; }
    public required float NormEpsilon { get; init; }
    public required bool QueryKeyNorm { get; init; }
    public required double RopeTheta { get; init; }
    public required RopeStretch? RopeStretch { get; init; }
    public required TemperatureTuning? Temperature { get; init; }

    /// <summary>Positions a chunk; null: no chunking.</summary>
    public required int? AttentionChunk { get; init; }

    /// <summary>Whether the output head, which is never loaded here, is the token table rather than a matrix of its own.</summary>
    public bool TiesOutputHead { get; init; }
    public required IReadOnlyList<LayerKind> Layers { get; init; }

    /// <summary>Weights of the layers a token is multiplied with: one multiply-add each.</summary>
    public long ActiveWeights => Layers.Sum(layer => HiddenSize * (2L * (Heads + KeyValueHeads) * HeadSize + (layer.HasExperts ? 6L * ExpertWidth + Experts : 3L * DenseWidth)));
}
