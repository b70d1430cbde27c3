using Recs.Domain;
using Recs.Domain.Events;
using Recs.Features;
using Recs.Ranker.Model;
using Recs.Ranker.Tests.Training;
using Recs.Ranker.Training;

namespace Recs.Ranker.Tests.Model;

public sealed class RankerModelTests : IDisposable
{
    private static readonly TrainingSet Set = Synthetic.Rows(11, 1_500);
    private static readonly TrainedHead[] Heads =
        [Synthetic.Head(Set), Synthetic.Head(Set, InteractionType.Conversion, [0, 1, 40], Synthetic.Quick with { Trees = 8 })];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_AfterSave_IsTheSameModel()
    {
        var saved = RankerModel.Save(_folder.Path("model"), Heads, "v1");
        var loaded = RankerModel.Load(_folder.Path("model"));
        Assert.Equal((saved.Version, "v1"), (loaded.Version, loaded.EmbeddingVersion));
        Assert.Equal([InteractionType.Click, InteractionType.Conversion], loaded.Heads.Select(head => head.Action));
        for (var row = 0; row < Set.Rows; row++)
            foreach (var (one, other) in Heads.Zip(loaded.Heads))
                Assert.Equal(BitConverter.SingleToInt32Bits(one.Head.Probability(Set.Row(row))), BitConverter.SingleToInt32Bits(other.Probability(Set.Row(row))));
        Assert.Equal(["model"], _folder.Entries);
        Assert.Null(loaded.Head(InteractionType.Like));
    }

    [Fact]
    public void Save_OverAModel_ReplacesItWhole()
    {
        RankerModel.Save(_folder.Path("model"), Heads, "v1");
        var second = RankerModel.Save(_folder.Path("model") + Path.DirectorySeparatorChar, [Heads[0]], "v2");
        Assert.Equal(second.Version, RankerModel.Load(_folder.Path("model")).Version);
        Assert.Equal(["head-click.covers", "head-click.zip", "model.json"], Directory.GetFiles(_folder.Path("model")).Select(Path.GetFileName).Order());
        Assert.Equal(["model"], _folder.Entries);
    }

    [Fact]
    public void Save_AfterABrokenOffSave_LeavesNothingOfIt()
    {
        Directory.CreateDirectory(_folder.Path("model.partial"));
        File.WriteAllText(_folder.Path("model.partial", "head-like.zip"), "half");
        RankerModel.Save(_folder.Path("model"), Heads, "v1");
        Assert.False(File.Exists(_folder.Path("model", "head-like.zip")));
        Assert.Equal(["model"], _folder.Entries);
    }

    [Fact]
    public void Save_OverSomethingElse_IsRefusedAndLeavesIt()
    {
        Directory.CreateDirectory(_folder.Path("photos"));
        File.WriteAllText(_folder.Path("photos", "cat.txt"), "cat");
        Assert.Contains("photos", Assert.Throws<RefusedException>(() => RankerModel.Save(_folder.Path("photos"), Heads, "v1")).Message, StringComparison.Ordinal);
        Assert.Equal("cat", File.ReadAllText(_folder.Path("photos", "cat.txt")));
        Assert.Equal(["photos"], _folder.Entries);
    }

    [Fact]
    public void Load_NoFolder_IsRefused() => Assert.Throws<RefusedException>(() => RankerModel.Load(_folder.Path("nowhere")));

    [Fact]
    public void Load_OtherSchema_IsRefused()
    {
        Save();
        Replace(FeatureSchema.Standard.Hash, "0123456789abcdef");
        AssertRefused("reads feature schema 0123456789abcdef");
    }

    [Fact]
    public void Load_FeatureOfAnotherBuild_IsRefusedWithTheNearestNames()
    {
        Save();
        Replace("\"name\": \"item_demand\"", "\"name\": \"item_demands\"");
        AssertRefused("this build knows no feature 'item_demands'; nearest: item_demand, ");
    }

    [Theory]
    [InlineData("\"smoothing\": 20", "\"smoothing\": 21", "its description gives")]
    [InlineData("\"smoothing\": 20", "\"smoothing\": -1", "smoothing of feature item_demand is -1, range 0.01 to 1000000")]
    [InlineData("\"smoothing\": 20", "\"smothing\": 20", "feature item_demand has no parameter 'smothing'; nearest: smoothing")]
    [InlineData("\"third_days\": 7", "\"third_days\": 8", "here alone: item_positives_8d, item_rate_8d; in the model alone: item_positives_7d, item_rate_7d")]
    [InlineData("\"schema_version\": 1", "\"schema_version\": 2", "features of schema version 2, this build makes version 1")]
    public void Load_OtherFeatures_AreRefused(string old, string replaced, string message)
    {
        Save();
        var path = _folder.Path("model", "model.json");
        var text = File.ReadAllText(path);
        var at = text.IndexOf(old, StringComparison.Ordinal);
        Assert.True(at > 0);
        File.WriteAllText(path, text[..at] + replaced + text[(at + old.Length)..]);
        AssertRefused(message);
    }

    [Fact]
    public void Load_ModelOfOtherFeatures_ReadsItsOwnColumns()
    {
        var schema = FeatureSchema.Of([new("user_activity"), new("item_demand", new Dictionary<string, double> { ["third_days"] = 14 })]);
        var set = Synthetic.Rows(11, 1_500, schema);
        var saved = RankerModel.Save(_folder.Path("model"), [Synthetic.Head(set)], "v1");
        var loaded = RankerModel.Load(_folder.Path("model"));
        Assert.Equal((schema.Hash, 16), (loaded.Schema.Hash, loaded.Schema.Width));
        Assert.Contains("item_positives_14d", loaded.Schema.Columns);
        for (var row = 0; row < 50; row++) Assert.Equal(saved.Heads[0].Probability(set.Row(row)), loaded.Heads[0].Probability(set.Row(row)));
    }

    [Fact]
    public void Save_HeadsOfTwoSchemas_IsABug() => Assert.Throws<ArgumentException>(() =>
        RankerModel.Save(_folder.Path("model"), [Heads[0], Synthetic.Head(Synthetic.Rows(12, 1_500, FeatureSchema.Of([new("item_demand")])))], "v1"));

    [Fact]
    public void Load_OtherCalibration_IsRefused()
    {
        Save();
        Replace("\"kind\": \"platt\",\n        \"numbers\": [\n          ", "\"kind\": \"platt\",\n        \"numbers\": [\n          9");
        AssertRefused("files of two models");
    }

    [Theory]
    [InlineData("not json", "is not a model description")]
    [InlineData("null", "is not a model description")]
    [InlineData("{}", "is not a model description")]
    [InlineData("", "is not a model description")]
    public void Load_BrokenDescription_IsRefused(string text, string message)
    {
        Save();
        File.WriteAllText(_folder.Path("model", "model.json"), text);
        AssertRefused(message);
    }

    [Theory]
    [InlineData("\"action\": \"click\"", "\"action\": \"stare\"", "is no action")]
    [InlineData("\"file\": \"head-click.zip\"", "\"file\": \"../../head-click.zip\"", null)]
    [InlineData("\"file\": \"head-click.zip\"", "\"file\": \"head-like.zip\"", "cannot be read as a head")]
    [InlineData("\"file\": \"head-click.zip\"", "\"file\": \"model.json\"", "cannot be read as a head")]
    [InlineData("\"file\": \"head-click.zip\"", "\"file\": \"\"", "cannot be read as a head")]
    public void Load_OddHead_IsRefusedOrStaysInTheFolder(string old, string replaced, string? message)
    {
        Save();
        Replace(old, replaced);
        // A path out of the folder is cut to its name.
        if (message is null) Assert.Equal(2, RankerModel.Load(_folder.Path("model")).Heads.Count);
        else AssertRefused(message);
    }

    [Fact]
    public void Load_ColumnsOutsideTheRow_AreRefused()
    {
        RankerModel.Save(_folder.Path("model"), [Heads[1]], "v1");
        Replace("40", "4000");
        AssertRefused("reads columns outside");
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.3)]
    [InlineData(0.7)]
    [InlineData(0.99)]
    public void Load_TruncatedHead_IsRefused(double share)
    {
        Save();
        var path = _folder.Path("model", "head-click.zip");
        var bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..(int)(bytes.Length * share)]);
        AssertRefused("head-click.zip cannot be read as a head");
    }

    [Fact]
    public void Load_DamagedHead_IsRefusedOrTheSame()
    {
        // A byte turned anywhere in the file: either it does not matter (a date in the archive), or the model is refused.
        Save();
        var version = RankerModel.Load(_folder.Path("model")).Version;
        var path = _folder.Path("model", "head-conversion.zip");
        var bytes = File.ReadAllBytes(path);
        var random = new Random(1);
        for (var round = 0; round < 60; round++)
        {
            var damaged = bytes.ToArray();
            damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(path, damaged);
            try
            {
                Assert.Equal(version, RankerModel.Load(_folder.Path("model")).Version);
            }
            catch (RefusedException refused)
            {
                Assert.Contains("model", refused.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Load_HeadOfAnotherModel_IsRefused()
    {
        Save();
        RankerModel.Save(_folder.Path("other"), [Synthetic.Head(Synthetic.Rows(12, 1_500))], "v1");
        File.Copy(_folder.Path("other", "head-click.zip"), _folder.Path("model", "head-click.zip"), overwrite: true);
        AssertRefused("files of two models");
    }

    [Fact]
    public void Explain_AfterLoad_IsWhatTheTrainedHeadSays()
    {
        Save();
        var loaded = RankerModel.Load(_folder.Path("model"));
        double[] one = new double[Set.Width], other = new double[Set.Width];
        foreach (var (trained, head) in Heads.Zip(loaded.Heads))
        {
            Assert.True(head.CanExplain);
            for (var row = 0; row < 50; row++)
            {
                var expected = head.Explain(Set.Row(row), other);
                Assert.Equal(trained.Head.Explain(Set.Row(row), one), expected);
                Assert.Equal(one, other);
                Assert.Equal(head.Score(Set.Row(row)), expected + other.Sum(), 1e-9);
            }
        }
        // The columns that the second head does not read add nothing to it.
        Assert.All(Enumerable.Range(0, Set.Width).Except([0, 1, 40]), column => Assert.Equal(0, other[column]));
    }

    [Theory]
    [InlineData(Learner.Blend)]
    [InlineData(Learner.Logistic)]
    [InlineData(Learner.FastTree)]
    public void Explain_EveryLearnerButFactors_SumsUpToTheScore(Learner learner)
    {
        var columns = new[] { 40, 1, 0, 2, 7 };
        var head = Synthetic.Head(Set, columns: columns, options: Synthetic.Quick with { BlendSeeds = 2, CalibrationShare = 0.5 }, learner: learner).Head;
        Assert.True(head.CanExplain, head.WhyNotExplained);
        var contributions = new double[Set.Width];
        var (sum, least) = (0.0, double.MaxValue);
        for (var row = 0; row < 1_000; row++)
        {
            var expected = head.Explain(Set.Row(row), contributions);
            Assert.Equal(head.Score(Set.Row(row)), expected + contributions.Sum(), 1e-6);
            Assert.All(Enumerable.Range(0, Set.Width).Except(columns), column => Assert.Equal(0, contributions[column]));
            sum += expected + contributions.Sum();
            least = Math.Min(least, contributions.Max(Math.Abs));
        }
        Assert.True(least > 0);
        // The base is the mean score of the training rows.
        contributions.AsSpan().Clear();
        Assert.Equal(sum / 1_000, head.Explain(Set.Row(0), contributions), 1e-3);
    }

    [Fact]
    public void Explain_AFactorizationMachine_IsRefusedWithTheReason()
    {
        var head = Synthetic.Head(Set, columns: [0, 1, 2, 3], options: Synthetic.Quick with { Fields = new int[Set.Width], Passes = 1 }, learner: Learner.Ffm).Head;
        Assert.False(head.CanExplain);
        Assert.Contains("factorization machine", Assert.Throws<InvalidOperationException>(() => head.Explain(Set.Row(0), new double[Set.Width])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Load_CoversOfAnother_AreRefused(bool missing)
    {
        Save();
        var path = _folder.Path("model", "head-click.covers");
        if (missing) File.Delete(path);
        else File.WriteAllBytes(path, new byte[new FileInfo(path).Length]);
        AssertRefused(missing ? "has no head-click.covers" : "head-click.covers of another model");
    }

    private void Save() => RankerModel.Save(_folder.Path("model"), Heads, "v1");

    private void Replace(string old, string replaced)
    {
        var path = _folder.Path("model", "model.json");
        var text = File.ReadAllText(path);
        Assert.Contains(old, text, StringComparison.Ordinal);
        File.WriteAllText(path, text.Replace(old, replaced, StringComparison.Ordinal));
    }

    private void AssertRefused(string part) =>
        Assert.Contains(part, Assert.Throws<RefusedException>(() => RankerModel.Load(_folder.Path("model"))).Message, StringComparison.Ordinal);
}
