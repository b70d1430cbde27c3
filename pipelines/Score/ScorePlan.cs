using Recs.Domain.Wire;
using Recs.Ranker.Model;

namespace Recs.Pipelines.Score;

/// <summary>What a batch is scored with: the columns to read, the heads to write, and the versions to name. Immutable; safe from any thread.</summary>
/// <param name="Columns">Feature columns in the order of a row.</param>
/// <param name="SchemaHash">Of the columns.</param>
/// <param name="ModelVersion">Of the heads.</param>
/// <param name="EmbeddingVersion">Of the vectors that the features were read with.</param>
/// <param name="Heads">At least one.</param>
internal sealed record ScorePlan(IReadOnlyList<string> Columns, string SchemaHash, string ModelVersion, string EmbeddingVersion, IReadOnlyList<ScorePlan.Head> Heads)
{
    /// <summary>Metadata keys of files, read and written.</summary>
    public const string SchemaKey = "recs.feature_schema", EmbeddingKey = "recs.embedding_version", ModelKey = "recs.model_version";

    /// <summary>Fills <paramref name="into"/> with the scores of as many rows. [into × width], row-major.</summary>
    public delegate void Scoring(ReadOnlySpan<float> rows, int width, Span<float> into);

    /// <summary>One column of scores.</summary>
    /// <param name="Name">Its action.</param>
    /// <param name="Score">What makes it.</param>
    public readonly record struct Head(string Name, Scoring Score);

    public static ScorePlan Of(RankerModel model) =>
        new(model.Schema.Columns, model.Schema.Hash, model.Version, model.EmbeddingVersion, [.. model.Heads.Select(head => new Head(ActionNames.Of(head.Action), head.Probabilities))]);

    /// <summary>What an output says of itself.</summary>
    /// <param name="origin">What it was made from.</param>
    public Dictionary<string, string> Metadata(ScoreOrigin origin)
    {
        var metadata = new Dictionary<string, string> { [ModelKey] = ModelVersion, [EmbeddingKey] = EmbeddingVersion, [SchemaKey] = SchemaHash };
        origin.Tell(metadata);
        return metadata;
    }
}
