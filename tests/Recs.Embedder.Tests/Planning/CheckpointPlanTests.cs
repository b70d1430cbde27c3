using Recs.Domain;
using Recs.Embedder.Planning;

namespace Recs.Embedder.Tests.Planning;

public sealed class CheckpointPlanTests
{
    [Fact]
    public void OfConfig_Scout_HasThePublishedParameters()
    {
        var plan = CheckpointPlan.OfConfig(PlannedConfig.File(PlannedConfig.Scout));
        Assert.Equal(new ModelParts
        {
            Embeddings = 1_034_485_760, Attention = 3_019_898_880, Norms = 496_640, Routers = 3_932_160, SharedExperts = 6_039_797_760, RoutedExperts = 96_636_764_160, Dense = 0,
        }, plan.Parameters);
        Assert.Equal(106_735_375_360, plan.Parameters.Total);
        Assert.Equal(1_034_485_760, plan.OutputHeadParameters);
        Assert.Equal(107_769_861_120, plan.Parameters.Total + plan.OutputHeadParameters);
        Assert.Equal(15_103_923_200, plan.ActivePerToken);
        Assert.Equal(2 * plan.Parameters.Total, plan.StoredBytes.Total);
        Assert.Equal(2 * plan.OutputHeadParameters, plan.Unused.OutputHead);
    }

    [Fact]
    public void OfConfig_Maverick_HasThePublishedParameters()
    {
        var plan = CheckpointPlan.OfConfig(PlannedConfig.File(PlannedConfig.Maverick));
        Assert.Equal(new ModelParts
        {
            Embeddings = 1_034_485_760, Attention = 3_019_898_880, Norms = 496_640, Routers = 15_728_640, SharedExperts = 3_019_898_880, RoutedExperts = 386_547_056_640, Dense = 6_039_797_760,
        }, plan.Parameters);
        Assert.Equal(400_711_848_960, plan.Parameters.Total + plan.OutputHeadParameters);
        Assert.Equal(15_115_719_680, plan.ActivePerToken);
        Assert.Equal(48, plan.LayerBytes.Count);
        // Layers with experts are the odd ones; one of them holds 128 experts of 251.7 MB.
        Assert.Equal(1, plan.LargestLayer);
        Assert.Equal(2 * (62_914_560L + 2 * 5120 + 128 * 5120 + 129 * 125_829_120L), plan.LayerBytes[1]);
        Assert.Equal(2 * (62_914_560L + 2 * 5120 + 251_658_240), plan.LayerBytes[0]);
    }

    [Fact]
    public void OfConfig_MaverickInFp8_RoutedExpertsAreOneByteAndScales()
    {
        var plan = CheckpointPlan.OfConfig(PlannedConfig.File(PlannedConfig.Maverick), StoredAs.Fp8Experts);
        // A bf16 scale for each of 2 · 8192 + 5120 outputs of an expert.
        Assert.Equal(386_547_056_640 + 24L * 128 * (2 * 8192 + 5120) * 2, plan.StoredBytes.RoutedExperts);
        Assert.Equal(2 * plan.Parameters.SharedExperts, plan.StoredBytes.SharedExperts);
        Assert.Equal(4 * plan.Parameters.Total, CheckpointPlan.OfConfig(PlannedConfig.File(PlannedConfig.Maverick), StoredAs.Float32).StoredBytes.Total);
    }

    [Fact]
    public void OfConfig_TwoTrillion_IsPlanned()
    {
        var plan = CheckpointPlan.OfConfig(PlannedConfig.File(PlannedConfig.TwoTrillion));
        Assert.InRange(plan.Parameters.Total, 2_000_000_000_000, 2_200_000_000_000);
        Assert.InRange(plan.ActivePerToken, 150_000_000_000, 180_000_000_000);
        Assert.False(plan.Memory.Plan(Residency.Auto, 128L << 30, 16)!.IsResident);
        // One part at a time, two trillion parameters fit the memory of a small machine.
        Assert.True(plan.Memory.Plan(Residency.Auto, 16L << 30, 2)!.ReadsAhead);
        Assert.Null(plan.Memory.Plan(Residency.Auto, 2L << 30, 2));
    }

    [Fact]
    public void OfConfig_SizesBeyondCounting_AreRefused()
    {
        var refused = Assert.Throws<RefusedException>(() => CheckpointPlan.OfConfig(PlannedConfig.File(PlannedConfig.Nested(90_000, 2_000_000_000, 2, 2, 2_000_000_000, 2_000_000_000, 1))));
        Assert.Contains("hidden_size", refused.Message);
    }

    [Fact]
    public void OfFolder_BundledModel_CountsWhatItsCardSays()
    {
        var plan = CheckpointPlan.OfFolder(GoldenFolder.Nano);
        Assert.Equal(7_936_256, plan.Parameters.Total);
        Assert.Equal(4_194_304, plan.Parameters.Embeddings);
        Assert.Equal(4 * 589_824, plan.Parameters.RoutedExperts);
        Assert.Equal(0, plan.OutputHeadParameters); // tied to the token table
        Assert.Equal(new UnusedTensors(0, 0, 0), plan.Unused);
        Assert.Equal(2 * 7_936_256, plan.StoredBytes.Total);
        Assert.Equal(512, plan.TableRowBytes);
    }

    [Theory]
    [InlineData("toy")]
    [InlineData("scout-tiny")]
    [InlineData("maverick-tiny")]
    [InlineData("fp8-tiny")]
    public void OfFolder_Golden_HoldsTheNumbersOfItsConfigAndEveryByteOfItsFiles(string set)
    {
        var folder = Path.Combine(GoldenFolder.Shared(set), "checkpoint");
        var plan = CheckpointPlan.OfFolder(folder);
        Assert.Equal(CheckpointPlan.OfConfig(Path.Combine(folder, "config.json")).Parameters, plan.Parameters);
        var data = Directory.EnumerateFiles(folder, "*.safetensors").Sum(file =>
        {
            using var stream = File.OpenRead(file);
            using var reader = new BinaryReader(stream);
            return stream.Length - 8 - reader.ReadInt64();
        });
        Assert.Equal(data, plan.StoredBytes.Total + plan.Unused.OutputHead + plan.Unused.Vision + plan.Unused.Other);
    }

    [Theory]
    [InlineData("missing-tensor")]
    [InlineData("missing-router")]
    [InlineData("wrong-shape")]
    [InlineData("wrong-shape-experts")]
    [InlineData("vocab-mismatch")]
    [InlineData("wrong-dtype")]
    [InlineData("truncated-body")]
    [InlineData("config-missing")]
    public void OfFolder_Broken_IsRefusedWithoutLoading(string set) => Assert.Throws<RefusedException>(() => CheckpointPlan.OfFolder(GoldenFolder.Shared("broken/" + set)));

    [Fact]
    public void OfFolder_NoFolder_IsRefused() => Assert.Contains("no such model folder", Assert.Throws<RefusedException>(() => CheckpointPlan.OfFolder("/nowhere/at/all")).Message);
}
