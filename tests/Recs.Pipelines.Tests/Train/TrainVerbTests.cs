using System.Text.Json;
using Recs.Domain.Events;
using Recs.Features;
using Recs.Pipelines.Tests.CommandLine;
using Recs.Pipelines.Tests.State;
using Recs.Pipelines.Train;
using Recs.Ranker.Model;
using Recs.Ranker.Training;
using Recs.Storage;
using Recs.Storage.Parquet;

namespace Recs.Pipelines.Tests.Train;

[Collection(nameof(ConsoleTests))]
public sealed class TrainVerbTests : IDisposable
{
    private const string Quick = "options: { leaves: 7, trees: 20, rows_per_leaf: 20, learning_rate: 0.2 }\nlearner: fasttree\n";

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Train_FromAStore_WritesRegistersAndIsJudgedTheSame()
    {
        Learn.Need();
        var url = SmallStore.Make(_folder.In("a.duckdb"), SmallFeed.Facts(1));
        Features();
        var config = _folder.Write("train.yaml", Quick.Replace("fasttree", "lightgbm", StringComparison.Ordinal) + "features: f.yaml\nheads: [click, dwell]\nperiods: { valid: 2024-03-18, test: 2024-03-22 }\ncalibration_share: 0.5\n");
        await RecsProgram.Succeed("train", "--db", url, "--config", config, "--output", _folder.In("model"), "--json", _folder.In("t.json"));
        var told = JsonDocument.Parse(File.ReadAllText(_folder.In("t.json"))).RootElement;
        var click = told.GetProperty("heads").GetProperty("click");
        Assert.True(click.GetProperty("metrics").GetProperty("auc").GetDouble() > 0.75);
        Assert.Equal("test", told.GetProperty("judged").GetString());
        Assert.True(told.GetProperty("registered").GetBoolean());
        Assert.True(told.GetProperty("heads").GetProperty("dwell").GetProperty("metrics").GetProperty("mae").GetDouble() < 6);
        Assert.True(click.GetProperty("importance").GetArrayLength() > 0);

        await RecsProgram.Succeed("evaluate", "--model", _folder.In("model"), "--db", url, "--from", "2024-03-22", "--json", _folder.In("e.json"), "--html", _folder.In("e.html"));
        var judged = JsonDocument.Parse(File.ReadAllText(_folder.In("e.json"))).RootElement;
        foreach (var metric in new[] { "auc", "logloss", "ece", "uauc" })
            Assert.Equal(click.GetProperty("metrics").GetProperty(metric).GetDouble(), judged.GetProperty("heads").GetProperty("click").GetProperty("metrics").GetProperty(metric).GetDouble(), 9);
        Assert.Contains("<svg", File.ReadAllText(_folder.In("e.html")), StringComparison.Ordinal);
        Assert.False(judged.GetProperty("heads").GetProperty("click").TryGetProperty("importance", out _));

        // What the heads lean on: the items' own rates, since a few items are much better.
        await RecsProgram.Succeed("evaluate", "--model", _folder.In("model"), "--db", url, "--from", "2024-03-22", "--importance", "--json", _folder.In("i.json"), "--html", _folder.In("i.html"));
        foreach (var name in new[] { "click", "dwell" })
        {
            var leaning = JsonDocument.Parse(File.ReadAllText(_folder.In("i.json"))).RootElement.GetProperty("heads").GetProperty(name);
            var columns = leaning.GetProperty("importance").EnumerateArray().ToList();
            Assert.Equal(17, columns.Count);
            Assert.StartsWith("item_", columns[0].GetProperty("column").GetString(), StringComparison.Ordinal);
            Assert.True(columns[0].GetProperty("mean_contribution").GetDouble() > 0);
            Assert.Equal(columns.Select(column => column.GetProperty("mean_contribution").GetDouble()).OrderDescending(), columns.Select(column => column.GetProperty("mean_contribution").GetDouble()));
            var ablations = leaning.GetProperty("ablations");
            Assert.Equal(["item_demand", "item_age", "user_activity"], ablations.EnumerateObject().Select(ablation => ablation.Name));
            var (metric, sign) = name == "click" ? ("auc", 1) : ("rmse", -1);
            Assert.True(sign * (leaning.GetProperty("metrics").GetProperty(metric).GetDouble() - ablations.GetProperty("item_demand").GetProperty(metric).GetDouble()) > 0.05);
        }
        Assert.Contains("click without item_demand", File.ReadAllText(_folder.In("i.html")), StringComparison.Ordinal);

        using var store = EventStore.Open(url);
        var model = Assert.Single(store.Models());
        Assert.Equal((RankerModel.Load(_folder.In("model")).Version, ModelStatus.Shadow, null), (model.Version, model.Status, model.Parent));
    }

    [Fact]
    public async Task Models_APoorerOne_IsNotPromoted()
    {
        var url = SmallStore.Make(_folder.In("a.duckdb"), SmallFeed.Facts(2));
        Features();
        var good = _folder.Write("good.yaml", Quick + "features: f.yaml\n");
        // It knows nothing of the items.
        _folder.Write("less.yaml", "version: 1\nfeatures: [user_activity]\n");
        var poor = _folder.Write("poor.yaml", Quick + "features: less.yaml\n");
        await RecsProgram.Succeed("train", "--db", url, "--config", good, "--output", _folder.In("good"));
        await RecsProgram.Succeed("train", "--db", url, "--config", poor, "--output", _folder.In("poor"));
        var (first, second) = (RankerModel.Load(_folder.In("good")).Version, RankerModel.Load(_folder.In("poor")).Version);
        await RecsProgram.Succeed("models", "promote", first, "--db", url);
        var refused = await RecsProgram.Fail(1, "models", "promote", second, "--db", url);
        Assert.Contains($"loses to the live {first}", refused, StringComparison.Ordinal);
        Assert.Matches(@"click auc 0\.\d{4} against 0\.\d{4}, limit at least", refused);
        await RecsProgram.Succeed("models", "list", "--db", url, "--json", _folder.In("m.json"));
        var listed = JsonDocument.Parse(File.ReadAllText(_folder.In("m.json"))).RootElement.GetProperty("models");
        Assert.Equal(["live", "shadow"], listed.EnumerateArray().Select(model => model.GetProperty("status").GetString()));
        // With limits that let it through it is promoted, and the other retired.
        await RecsProgram.Succeed("models", "promote", second, "--db", url, "--auc", "1", "--logloss", "1", "--ece", "1");
        await RecsProgram.Succeed("models", "retire", second, "--db", url);
        Assert.Contains("no model ffff is registered", await RecsProgram.Fail(1, "models", "promote", "ffff", "--db", url), StringComparison.Ordinal);
        using var store = EventStore.Open(url);
        Assert.All(store.Models(), model => Assert.Equal(ModelStatus.Retired, model.Status));
    }

    [Fact]
    public async Task Train_FromAFile_GivesTheModelOfTheStore()
    {
        var facts = SmallFeed.Facts(3);
        var url = SmallStore.Make(_folder.In("a.duckdb"), facts);
        Features();
        var config = _folder.Write("train.yaml", Quick + "features: f.yaml\n");
        TableFile.Write(_folder.In("rows.parquet"), ReplayedTable.Make(facts, null, Schema(), [InteractionType.Click], new(0), false, null, default));
        await RecsProgram.Succeed("train", "--db", url, "--config", config, "--output", _folder.In("one"));
        await RecsProgram.Succeed("train", "--input", _folder.In("rows.parquet"), "--config", config, "--output", _folder.In("two"));
        Assert.Equal(RankerModel.Load(_folder.In("one")).Version, RankerModel.Load(_folder.In("two")).Version);
        Assert.Contains("0 errors", await RecsProgram.Succeed("check", "--training", _folder.In("rows.parquet"), "--config", config), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Train_WrongRows_AreRefusedByColumn()
    {
        Features();
        var config = _folder.Write("train.yaml", Quick + "features: f.yaml\n");
        var table = ReplayedTable.Make(SmallFeed.Facts(4, 200), null, Schema(), [InteractionType.Click], new(0), false, null, default);
        var clicks = table.Labels[InteractionType.Click];
        string File(TrainingTable rows)
        {
            TableFile.Write(_folder.In("rows.parquet"), rows);
            return _folder.In("rows.parquet");
        }
        async Task Refused(string message, TrainingTable rows) =>
            Assert.Contains(message, await RecsProgram.Fail(1, "train", "--input", File(rows), "--config", config, "--output", _folder.In("model")), StringComparison.Ordinal);

        await Refused("row 5: item_age_days is NaN, expected a finite number", With(table, 5, "item_age_days", float.NaN));
        await Refused("row 7: item_age_days is Infinity, expected a finite number", With(table, 7, "item_age_days", float.PositiveInfinity));
        await Refused("row 3: click is 2, expected 1 or 0", table with { Labels = Labels(clicks, 3, 2) });
        await Refused("has no column 'click', expected 1 where the action followed", table with { Labels = new Dictionary<InteractionType, float[]> { [InteractionType.Like] = clicks } });
        await Refused("every training row has the same label for click", table with { Labels = new Dictionary<InteractionType, float[]> { [InteractionType.Click] = new float[table.Rows] } });
        await Refused("item_age_days alone has an AUC of 1.0000 for click", Leaking(table, clicks));
        await Refused("row 4: weight is 0, expected a number above 0", table with { Weights = new float[table.Rows].Select((_, at) => at == 4 ? 0f : 1).ToArray() });
        await Refused("holds no rows", Nothing(table));
        Assert.Contains("holds rows of feature schema", await RecsProgram.Fail(1, "train", "--input", File(table), "--output", _folder.In("model")), StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.In("model")));
    }

    [Theory]
    [InlineData("missing", "has no column 'item_age_days', expected a number")]
    [InlineData("text", "column 'item_age_days' holds Text, expected a number")]
    [InlineData("time", "column 'time' holds Text, expected the moment of the impression")]
    [InlineData("null", "row 1: item_age_days is missing, expected a finite number")]
    [InlineData("rows", "holds no rows")]
    [InlineData("empty", "cannot read")]
    [InlineData("garbage", "cannot read")]
    [InlineData("schema", "holds rows of feature schema 0123456789abcdef")]
    public async Task TrainAndEvaluate_WrongParquet_AreRefusedAndLeaveNothing(string what, string message)
    {
        Features();
        var config = _folder.Write("train.yaml", Quick + "features: f.yaml\n");
        TableFile.Write(_folder.In("good.parquet"), ReplayedTable.Make(SmallFeed.Facts(4, 300), null, Schema(), [InteractionType.Click], new(0), false, null, default));
        await RecsProgram.Succeed("train", "--input", _folder.In("good.parquet"), "--config", config, "--output", _folder.In("good"));
        var path = _folder.In("wrong.parquet");
        if (what == "empty") File.WriteAllBytes(path, []);
        else if (what == "garbage") File.WriteAllBytes(path, [.. "PAR1"u8, .. new byte[200], .. "PAR1"u8]);
        else WriteWrong(path, what);
        foreach (var arguments in new string[][] { ["train", "--input", path, "--config", config, "--output", _folder.In("bad")], ["evaluate", "--input", path, "--model", _folder.In("good"), "--json", _folder.In("bad.json"), "--html", _folder.In("bad.html")] })
        {
            var refused = await RecsProgram.Fail(1, arguments);
            Assert.Contains(message, refused, StringComparison.Ordinal);
            Assert.Contains("wrong.parquet", refused, StringComparison.Ordinal);
        }
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(_folder.Path), entry => Path.GetFileName(entry).StartsWith("bad", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Evaluate_OneClassInEveryHead_IsRefusedByColumn()
    {
        Features();
        var config = _folder.Write("train.yaml", Quick + "features: f.yaml\n");
        var table = ReplayedTable.Make(SmallFeed.Facts(4, 300), null, Schema(), [InteractionType.Click], new(0), false, null, default);
        TableFile.Write(_folder.In("good.parquet"), table);
        await RecsProgram.Succeed("train", "--input", _folder.In("good.parquet"), "--config", config, "--output", _folder.In("good"));
        TableFile.Write(_folder.In("never.parquet"), table with { Labels = new Dictionary<InteractionType, float[]> { [InteractionType.Click] = new float[table.Rows] } });
        var refused = await RecsProgram.Fail(1, "evaluate", "--input", _folder.In("never.parquet"), "--model", _folder.In("good"), "--json", _folder.In("bad.json"), "--html", _folder.In("bad.html"));
        Assert.Contains("one class only: click is 0 in all", refused, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(_folder.Path, "bad*"));
    }

    private static void WriteWrong(string path, string what)
    {
        List<ParquetColumn> columns =
        [
            new("request", ParquetType.Text), new("user", ParquetType.Text), new("time", what == "time" ? ParquetType.Text : ParquetType.Timestamp), new("click", ParquetType.Float),
            .. Schema().Columns.Where(name => what != "missing" || name != "item_age_days").Select(name => new ParquetColumn(name, what == "text" && name == "item_age_days" ? ParquetType.Text : ParquetType.Float)),
        ];
        using var writer = new ParquetWriter(path, columns, new Dictionary<string, string> { ["recs.feature_schema"] = what == "schema" ? "0123456789abcdef" : Schema().Hash });
        for (var row = 0; row < (what == "rows" ? 0 : 3); row++)
        {
            foreach (var (name, type) in columns)
            {
                if (type == ParquetType.Timestamp) writer.Time(SmallFeed.Start.Plus(TimeSpan.FromHours(row)));
                else if (type == ParquetType.Text) writer.Text($"{name}-{row}");
                else if (what == "null" && row == 1 && name == "item_age_days") writer.Float(null);
                else writer.Float(row % 2);
            }
            writer.EndRow();
        }
        writer.Finish();
    }

    [Theory]
    [InlineData("heads: [click, clack]", "'clack' is no action")]
    [InlineData("heads: [click, click]", "named twice")]
    [InlineData("learner: boost", "learner is 'boost', expected one of lightgbm")]
    [InlineData("options: { leaves: 1 }", "leaves is '1', expected a whole number from 2")]
    [InlineData("options: { leafs: 7 }", "unknown key 'leafs'")]
    [InlineData("weights: clicks", "expected none or propensity")]
    [InlineData("periods: { valid: 2024-03-18, test: 2024-03-17 }", "in the order train, valid, test")]
    [InlineData("periods: { valid: soon }", "is no moment")]
    public async Task Train_WrongConfig_IsRefusedWithItsLine(string line, string message)
    {
        var config = _folder.Write("train.yaml", "seed: 1\n" + line + "\n");
        var refused = await RecsProgram.Fail(1, "train", "--db", "duckdb::memory:", "--config", config, "--output", _folder.In("model"));
        Assert.Contains(message, refused, StringComparison.Ordinal);
        Assert.Contains("train.yaml:2:", refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Train_NothingToLearnFrom_IsRefused()
    {
        Assert.Contains("--db URL", await RecsProgram.Fail(1, "train", "--output", _folder.In("model")), StringComparison.Ordinal);
        var url = SmallStore.Make(_folder.In("a.duckdb"), new List<Fact>());
        Assert.Contains("no impressions", await RecsProgram.Fail(1, "train", "--db", url, "--output", _folder.In("model")), StringComparison.Ordinal);
        Assert.Contains("--tune is 'long'", await RecsProgram.Fail(1, "train", "--db", url, "--output", _folder.In("model"), "--tune", "long"), StringComparison.Ordinal);
    }

    [Fact]
    public void Bundled_Config_IsTheDefaults()
    {
        var told = TrainConfig.Read(TrainConfig.Bundled);
        Assert.Equal(new TrainingOptions { Learner = Learner.LightGbm, CalibrationShare = 0.5 }, told.Options);
        Assert.Equal([InteractionType.Click], told.Heads);
    }

    [Fact]
    public void Tune_SameTrials_ChooseTheSame()
    {
        var table = ReplayedTable.Make(SmallFeed.Facts(5, 400), null, Schema(), [InteractionType.Click], new(0), false, null, default);
        var rows = table.For(InteractionType.Click);
        var given = new TrainingOptions { Learner = Learner.FastTree, Trees = 90, Leaves = 7, RowsPerLeaf = 20 };
        (TrainingOptions, IReadOnlyList<TuningTrial>) Choose() => new SuccessiveHalving(given, 6, null, TimeProvider.System).Choose(rows, ..1_000, 1_000..1_600, InteractionType.Click, null, default);
        var (first, trials) = Choose();
        var (second, again) = Choose();
        Assert.Equal((first, trials.Select(trial => trial.ValidLoss)), (second, again.Select(trial => trial.ValidLoss)), (a, b) => a.Item1 == b.Item1 && a.Item2.SequenceEqual(b.Item2));
        Assert.Equal([6, 2, 1], trials.GroupBy(trial => trial.Trees).OrderBy(rung => rung.Key).Select(rung => rung.Count()));
        Assert.Equal(given.Trees, first.Trees);
        Assert.Equal((0, 7, 10), (trials[0].Number, trials[0].Leaves, trials[0].Trees)); // the given settings are tried too
    }

    private void Features() => _folder.Write("f.yaml", "version: 1\nfeatures: [item_demand, item_age, user_activity]\n");

    private static FeatureSchema Schema() => FeatureSchema.Of([new("item_demand"), new("item_age"), new("user_activity")]);

    private static Dictionary<InteractionType, float[]> Labels(float[] labels, int row, float value) => new() { [InteractionType.Click] = [.. labels.Select((label, at) => at == row ? value : label)] };

    private static TrainingTable With(TrainingTable table, int row, string column, float value)
    {
        var features = table.Features.ToArray();
        features[row * table.Schema.Width + table.Schema.Find(column)] = value;
        return table with { Features = features };
    }

    private static TrainingTable Leaking(TrainingTable table, float[] labels)
    {
        var features = table.Features.ToArray();
        for (var row = 0; row < table.Rows; row++) features[row * table.Schema.Width + table.Schema.Find("item_age_days")] = labels[row] * 3 + row % 2;
        return table with { Features = features };
    }

    private static TrainingTable Nothing(TrainingTable table) => table with
    {
        Features = [], Labels = new Dictionary<InteractionType, float[]> { [InteractionType.Click] = [] }, Times = [], Users = [], Lists = [], Cold = [],
    };
}

/// <summary>LightGBM where a test cannot do without.</summary>
internal static class Learn
{
    public static void Need() => Recs.Tests.Requirements.Need("openmp", Learners.Best == Learner.LightGbm, Learners.WhyNotLightGbm ?? "");
}
