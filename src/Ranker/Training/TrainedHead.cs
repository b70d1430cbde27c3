using Microsoft.ML;
using Recs.Features;
using Recs.Ranker.Model;

namespace Recs.Ranker.Training;

/// <summary>A head fresh from the trainer, with the ML.NET model it was flattened from.</summary>
/// <param name="Head">For scoring.</param>
/// <param name="Transformer">ML.NET's model, for keeping.</param>
/// <param name="InputSchema">What ML.NET's model reads.</param>
/// <param name="Calibration">From raw score to probability.</param>
/// <param name="Columns">The columns of the full row it reads, or null for all.</param>
/// <param name="Schema">The columns of a full row.</param>
public sealed record TrainedHead(Head Head, ITransformer Transformer, DataViewSchema InputSchema, PlattCalibration Calibration, int[]? Columns, FeatureSchema Schema);
