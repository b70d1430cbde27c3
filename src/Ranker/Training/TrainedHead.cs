using Microsoft.ML;
using Recs.Features;
using Recs.Ranker.Model;

namespace Recs.Ranker.Training;

/// <summary>A head fresh from the trainer, with the ML.NET models it was made of.</summary>
/// <param name="Head">For scoring.</param>
/// <param name="Parts">ML.NET's models, for keeping; one but for a blend.</param>
/// <param name="Columns">The columns of the full row it reads, or null for all.</param>
/// <param name="Importance">By column that it reads: its share of what all columns gained (trees) or weigh (linear); sums to 1, or all 0 where nothing is known.</param>
public sealed record TrainedHead(Head Head, IReadOnlyList<TrainedPart> Parts, int[]? Columns, double[] Importance)
{
    /// <summary>The columns of a full row; null where the rows were made by no schema, and then the head cannot be kept in a model folder.</summary>
    public FeatureSchema? Schema { get; init; }
}

/// <summary>One ML.NET model of a head.</summary>
/// <param name="Transformer">What ML.NET learnt.</param>
/// <param name="InputSchema">What it reads.</param>
/// <param name="Line">From its raw score to log-odds, in a blend; slope 1 and intercept 0 otherwise.</param>
/// <param name="Weight">Its share in a blend.</param>
/// <param name="Covers">For trees the training rows of each leaf; null for other models.</param>
public sealed record TrainedPart(ITransformer Transformer, DataViewSchema InputSchema, PlattCalibration Line, double Weight, int[]? Covers = null);
