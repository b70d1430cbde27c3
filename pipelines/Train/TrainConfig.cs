using System.Globalization;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Wire;
using Recs.Features;
using Recs.Pipelines.CommandLine;
using Recs.Pipelines.Features;
using Recs.Pipelines.Run;
using Recs.Ranker.Training;
using YamlDotNet.RepresentationModel;

namespace Recs.Pipelines.Train;

/// <summary>What <c>recs train</c> is told by its YAML file; see <c>pipelines/train.yaml</c> for every key with its meaning and default.</summary>
internal sealed record TrainConfig
{
    /// <summary>The columns.</summary>
    public required FeatureSchema Schema { get; init; }

    /// <summary>One head each.</summary>
    public required IReadOnlyList<InteractionType> Heads { get; init; }

    public required TrainingOptions Options { get; init; }

    /// <summary>Impressions from then on are learnt from; null: from the first one.</summary>
    public Timestamp? From { get; init; }

    /// <summary>Validation begins; null: see <see cref="Periods"/>.</summary>
    public Timestamp? Valid { get; init; }

    /// <summary>The judged period begins; null as above.</summary>
    public Timestamp? Test { get; init; }

    /// <summary>Rows weigh 1 / propensity.</summary>
    public bool WeightByPropensity { get; init; }

    /// <summary>The file used where none is named.</summary>
    public static string Bundled => Path.Combine(Home.Root, "pipelines", "train.yaml");

    /// <exception cref="RefusedException">The file is missing or wrong; with file and line.</exception>
    public static TrainConfig Read(string file)
    {
        var place = new YamlPlace(file);
        var entries = place.Entries(place.Load(), "a training file", "features", "heads", "learner", "calibration", "calibration_share", "seed", "weights", "periods", "options")
            .ToDictionary(entry => entry.Key, entry => entry.Value, StringComparer.Ordinal);
        var options = ReadOptions(place, entries.GetValueOrDefault("options"));
        if (entries.TryGetValue("learner", out var learner)) options = options with { Learner = Word<Learner>(place, learner, "learner") };
        if (entries.TryGetValue("calibration", out var calibration)) options = options with { Calibration = Word<CalibrationKind>(place, calibration, "calibration") };
        if (entries.TryGetValue("calibration_share", out var share)) options = options with { CalibrationShare = Number(place, share, "calibration_share", 0, 0.9) };
        if (entries.TryGetValue("seed", out var seed)) options = options with { Seed = (int)Number(place, seed, "seed", 0, int.MaxValue, whole: true) };
        var periods = entries.TryGetValue("periods", out var spans)
            ? place.Entries(spans, "periods", "train", "valid", "test").ToDictionary(entry => entry.Key, entry => Moment(place, entry.Value, entry.Key), StringComparer.Ordinal) : [];
        Timestamp? Period(string name) => periods.TryGetValue(name, out var moment) ? moment : null;
        if (Period("valid") is { } valid && (Period("train") >= valid || Period("test") <= valid)) throw place.Refuse(spans!, "periods must begin in the order train, valid, test");
        if (periods.ContainsKey("test") && !periods.ContainsKey("valid")) throw place.Refuse(spans!, "periods with a test need a valid before it");
        var weights = entries.TryGetValue("weights", out var node) ? place.Text(node, "weights") : "none";
        if (weights is not ("none" or "propensity")) throw place.Refuse(node!, $"weights is '{weights}', expected none or propensity");
        var features = entries.TryGetValue("features", out var named) ? Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, place.Text(named, "features")) : FeaturesFile.Bundled;
        return new()
        {
            Schema = FeaturesFile.Read(features),
            Heads = entries.TryGetValue("heads", out var heads) ? ReadHeads(place, heads) : [InteractionType.Click],
            Options = options, From = Period("train"), Valid = Period("valid"), Test = Period("test"), WeightByPropensity = weights == "propensity",
        };
    }

    /// <summary>The first rows of validation and of the judged period; by default the last fifth of the rows, half and half.</summary>
    /// <exception cref="RefusedException">A period holds no rows.</exception>
    public (int Valid, int Test) Periods(TrainingTable table)
    {
        var valid = Valid is { } from ? table.RowOf(from) : table.RowOf(table.Times[table.Rows * 8 / 10]);
        var test = Test is { } later ? table.RowOf(later) : Valid is null ? table.RowOf(table.Times[table.Rows * 9 / 10]) : table.Rows;
        if (valid == 0) throw new RefusedException($"the training period holds no rows: validation begins at {table.Times[0]}, with the first row; set periods in the training file");
        if (test <= valid) throw new RefusedException("the validation period holds no rows; set periods in the training file");
        if (Test is not null && test == table.Rows) throw new RefusedException($"the test period holds no rows: the last row is of {table.Times[^1]}; set periods in the training file");
        return (valid, test);
    }

    private static List<InteractionType> ReadHeads(YamlPlace place, YamlNode node)
    {
        List<InteractionType> heads = [];
        foreach (var entry in place.List(node, "heads"))
        {
            var name = place.Text(entry, "a head");
            var action = ActionNames.Parse(name) ?? throw place.Refuse(entry, $"'{name}' is no action, expected one of {ActionNames.All}");
            if (heads.Contains(action)) throw place.Refuse(entry, $"the head {name} is named twice");
            heads.Add(action);
        }
        return heads;
    }

    private static TrainingOptions ReadOptions(YamlPlace place, YamlNode? node)
    {
        var options = new TrainingOptions();
        if (node is null) return options;
        foreach (var (key, value, _) in place.Entries(node, "options", "leaves", "learning_rate", "trees", "patience", "rows_per_leaf", "l2", "column_share", "stop_by", "logistic_l2", "blend_seeds", "factors", "passes"))
        {
            int Whole(int least, int most) => (int)Number(place, value, key, least, most, whole: true);
            double Real(double least, double most) => Number(place, value, key, least, most);
            options = key switch
            {
                "leaves" => options with { Leaves = Whole(2, 4_096) },
                "learning_rate" => options with { LearningRate = Real(1e-4, 1) },
                "trees" => options with { Trees = Whole(1, 10_000) },
                "patience" => options with { Patience = Whole(1, 10_000) },
                "rows_per_leaf" => options with { RowsPerLeaf = Whole(1, 1_000_000) },
                "l2" => options with { L2 = Real(0, 1e6) },
                "column_share" => options with { ColumnShare = Real(0.01, 1) },
                "stop_by" => options with { StopByLogLoss = place.Text(value, key) switch { "logloss" => true, "auc" => false, var other => throw place.Refuse(value, $"stop_by is '{other}', expected auc or logloss") } },
                "logistic_l2" => options with { LogisticL2 = Real(0, 1e6) },
                "blend_seeds" => options with { BlendSeeds = Whole(1, 20) },
                "factors" => options with { Factors = Whole(1, 128) },
                _ => options with { Passes = Whole(1, 1_000) },
            };
        }
        return options;
    }

    private static T Word<T>(YamlPlace place, YamlNode node, string what)
        where T : struct, Enum
    {
        var text = place.Text(node, what);
        return Enum.GetNames<T>().FirstOrDefault(name => name.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } name
            ? Enum.Parse<T>(name) : throw place.Refuse(node, $"{what} is '{text}', expected one of {string.Join(", ", Enum.GetNames<T>().Select(known => known.ToLowerInvariant()))}");
    }

    private static double Number(YamlPlace place, YamlNode node, string what, double least, double most, bool whole = false)
    {
        var text = place.Text(node, what);
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most && (!whole || value == Math.Floor(value))
            ? value : throw place.Refuse(node, string.Create(CultureInfo.InvariantCulture, $"{what} is '{text}', expected a {(whole ? "whole " : "")}number from {least} to {most}"));
    }

    private static Timestamp Moment(YamlPlace place, YamlNode node, string what)
    {
        try
        {
            return MomentOption.Read(what, place.Text(node, what))!.Value;
        }
        catch (RefusedException wrong)
        {
            throw place.Refuse(node, wrong.Message);
        }
    }
}
