using Apache.Arrow;

namespace Recs.Pipelines.Score;

/// <summary>Rows of one part of the input, in their order.</summary>
/// <param name="Rows">How many.</param>
/// <param name="Keys">The text columns that pass through.</param>
/// <param name="Scores">[heads][rows].</param>
internal sealed record ScoredPart(int Rows, IReadOnlyList<StringArray> Keys, float[][] Scores);
