using System.Collections;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.FastTree;
using Microsoft.ML.Trainers.LightGbm;
using Recs.Ranker.Model;
using Recs.Ranker.Model.Forest;
using Recs.Ranker.Training;

namespace Recs.Ranker.LightGbm;

/// <summary>
/// A forest grown by ML.NET on made-up rows, together with ML.NET's model: for comparisons. Seeded: the same arguments give the same trees. Thread rule: one thread.
/// </summary>
public sealed class ForestSample
{
    private readonly MLContext _context;
    private readonly ITransformer _model;

    private ForestSample(MLContext context, ITransformer model, RegressionForest forest, int width) => (_context, _model, Forest, Width) = (context, model, forest, width);

    /// <summary>The trees, compiled.</summary>
    public RegressionForest Forest { get; }

    /// <summary>Numbers in a row.</summary>
    public int Width { get; }

    /// <summary>Grows it with LightGBM, or where that does not load with FastTree.</summary>
    /// <param name="trees">How many.</param>
    /// <param name="leaves">Of a tree.</param>
    /// <param name="width">Numbers in a row, at least 4.</param>
    /// <param name="rows">To learn from.</param>
    /// <param name="seed">Of the rows.</param>
    /// <param name="learner">Null for the best one here.</param>
    public static ForestSample Grow(int trees, int leaves, int width, int rows, int seed, Learner? learner = null)
    {
        var context = new MLContext(seed);
        var features = Rows(rows, width, seed);
        var view = new View(features, width, seed);
        ITransformer model = (learner ?? Learners.Best) == Learner.LightGbm
            ? context.BinaryClassification.Trainers.LightGbm(new LightGbmBinaryTrainer.Options
            {
                NumberOfIterations = trees, NumberOfLeaves = leaves, LearningRate = 0.05, MinimumExampleCountPerLeaf = 20, HandleMissingValue = false,
                Deterministic = true, ForceColumnWise = true, Seed = seed,
            }).Fit(view.Load(context))
            : context.BinaryClassification.Trainers.FastTree(new FastTreeBinaryTrainer.Options
            {
                NumberOfTrees = trees, NumberOfLeaves = leaves, LearningRate = 0.05, MinimumExampleCountPerLeaf = 20, Seed = seed, FeatureSelectionSeed = seed,
            }).Fit(view.Load(context));
        var flat = MlNetForest.Flatten(model);
        return new(context, model, flat.Covering(LeafCovers.Count(flat, features, width)), width);
    }

    /// <summary>Seeded rows like those it was grown on: numbers between −3 and 3, half of the columns in steps of a quarter, so that many lie on a threshold.</summary>
    /// <returns>[rows × width].</returns>
    public static float[] Rows(int rows, int width, int seed)
    {
        var random = new Random(seed);
        var features = new float[checked(rows * width)];
        for (var i = 0; i < features.Length; i++) features[i] = i % width % 2 == 0 ? random.NextSingle() * 6 - 3 : random.Next(-12, 13) / 4f;
        return features;
    }

    /// <summary>The raw scores that ML.NET's <c>Transform</c> gives.</summary>
    /// <param name="rows">[rows × width].</param>
    public float[] MlNet(float[] rows) => [.. _model.Transform(new View(rows, Width, 0).Load(_context)).GetColumn<float>("Score")];

    private sealed class View(float[] features, int width, int seed) : IEnumerable<View.Row>
    {
        public IDataView Load(MLContext context)
        {
            var schema = SchemaDefinition.Create(typeof(Row));
            schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, width);
            return context.Data.LoadFromEnumerable(this, schema);
        }

        /// <summary>The labels follow many columns, products among them, and chance: there is something to learn for every tree.</summary>
        public IEnumerator<Row> GetEnumerator()
        {
            var random = new Random(seed + 1);
            var row = new Row { Features = new float[width] };
            for (var first = 0; first < features.Length; first += width)
            {
                features.AsSpan(first, width).CopyTo(row.Features);
                var logit = 0.0;
                for (var i = 0; i + 3 < width; i += 4) logit += 0.6 * Math.Sin(row.Features[i] * 2) + 0.4 * row.Features[i + 1] * row.Features[i + 2] / 3 + (row.Features[i + 3] > 1 ? 0.4 : -0.2);
                row.Label = random.NextDouble() < 1 / (1 + Math.Exp(-logit));
                yield return row;
            }
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public sealed class Row
        {
            public bool Label { get; set; }
            public float[] Features { get; set; } = [];
        }
    }
}
