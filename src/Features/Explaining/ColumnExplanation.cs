namespace Recs.Features.Explaining;

/// <summary>One column of a row, with how it came about.</summary>
/// <param name="Column">Its name in the schema.</param>
/// <param name="Feature">The feature that reads it, as a features file names it.</param>
/// <param name="Value">As a model reads it, bit for bit.</param>
/// <param name="How">The counts, tiles, priors, half-lives and neighbours behind it, in words.</param>
public sealed record ColumnExplanation(string Column, string Feature, float Value, string How);
