using Recs.Domain.Events;
using Recs.Features;
using Recs.Ranker.Training;

namespace Recs.Ranker.Tests.Training;

/// <summary>Rows of random numbers whose labels follow a few columns: something a forest can learn in a second.</summary>
internal static class Synthetic
{
    public static readonly TrainingOptions Quick = new() { Leaves = 7, Trees = 25, RowsPerLeaf = 20, LearningRate = 0.2 };

    public static TrainingSet Rows(int seed, int rows = 3_000, FeatureSchema? schema = null)
    {
        var random = new Random(seed);
        var set = new TrainingSet(rows, schema ?? FeatureSchema.Standard, []);
        for (var row = 0; row < rows; row++)
        {
            var features = set.Features.AsSpan(row * set.Width, set.Width);
            // Coarse numbers, so that many rows lie exactly on a threshold.
            for (var i = 0; i < features.Length; i++) features[i] = i % 2 == 0 ? random.Next(-8, 9) / 4f : random.NextSingle() * 10 - 5;
            set.Items[row] = new($"i{row % 97}");
            set.Labels[row] = random.NextDouble() < 1 / (1 + Math.Exp(-(features[0] * 1.5 + (features[1] > 1 ? 1 : -1) - features[^3])));
        }
        return set;
    }

    public static TrainedHead Head(TrainingSet set, InteractionType action = InteractionType.Click, int[]? columns = null, TrainingOptions? options = null, Learner? learner = null) =>
        HeadTrainer.Train(set, ..(set.Rows * 2 / 3), (set.Rows * 2 / 3).., action, columns, (options ?? Quick) with { Learner = learner ?? (options ?? Quick).Learner });
}
