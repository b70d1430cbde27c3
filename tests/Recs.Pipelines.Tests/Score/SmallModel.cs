using Recs.Domain.Events;
using Recs.Features;
using Recs.Ranker.Model;
using Recs.Ranker.Training;

namespace Recs.Pipelines.Tests.Score;

/// <summary>A model of two heads on a few columns, grown once for all tests.</summary>
public sealed class SmallModel : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recs-model-");

    public SmallModel()
    {
        var schema = FeatureSchema.Of([new("item_demand"), new("item_age")]);
        var random = new Random(4);
        var rows = new LabelledRows(schema.Width, [.. Enumerable.Range(0, 900 * schema.Width).Select(_ => random.Next(-20, 21) / 4f)], [.. Enumerable.Range(0, 900).Select(_ => random.Next(3) == 0)]);
        var options = new TrainingOptions { Learner = Learner.FastTree, Leaves = 7, Trees = 12, RowsPerLeaf = 10 };
        TrainedHead Head(InteractionType action, int[]? columns) => HeadTrainer.Train(rows, ..600, 600.., action, columns, options) with { Schema = schema };
        Model = RankerModel.Save(Path, [Head(InteractionType.Click, null), Head(InteractionType.Conversion, [2, 0])], "v1");
    }

    internal RankerModel Model { get; }

    public string Path => System.IO.Path.Combine(_folder.FullName, "model");

    public void Dispose() => _folder.Delete(recursive: true);
}
