using Recs.Embedder.Planning;

namespace Recs.Embedder.Tests.Planning;

public sealed class MemoryNeedTests
{
    private const long Mega = 1_000_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Plan_MoreMemory_NeverFewerTokensAndThenResident(int threads)
    {
        var need = CheckpointPlan.OfFolder(GoldenFolder.Nano).Memory;
        Assert.InRange(need.AllLayers, 7 * Mega, 8 * Mega); // 3.7 million weights of the layers as bf16
        Assert.InRange(need.LargestPart, need.AllLayers / 100, need.AllLayers / 10);
        Assert.Null(need.Plan(Residency.Auto, need.Least(threads) - 1, threads));
        var plans = new List<ResidencyPlan>();
        for (var memory = need.Least(threads); memory <= need.Full(threads) + Mega; memory += Mega / 8) plans.Add(need.Plan(Residency.Auto, memory, threads)!);
        Assert.False(plans[0].IsResident);
        Assert.False(plans[0].ReadsAhead);
        Assert.True(plans[^1].IsResident);
        var streaming = plans.TakeWhile(plan => !plan.IsResident).ToArray();
        Assert.All(plans.Skip(streaming.Length), plan => Assert.True(plan.IsResident));
        Assert.Contains(streaming, plan => plan.ReadsAhead);
        Assert.All(streaming, plan => Assert.InRange(plan.TokensInFlight, 384, MemoryNeed.MostTokensInFlight));
        foreach (var group in streaming.GroupBy(plan => plan.ReadsAhead)) Assert.Equal(group.Select(plan => plan.TokensInFlight).Order(), group.Select(plan => plan.TokensInFlight));
    }

    [Fact]
    public void Plan_AskedFor_IsThatOrNothing()
    {
        var need = CheckpointPlan.OfFolder(GoldenFolder.Nano).Memory;
        Assert.Null(need.Plan(Residency.Full, need.Full(1) - 1, 1));
        Assert.True(need.Plan(Residency.Full, need.Full(1), 1)!.IsResident);
        Assert.False(need.Plan(Residency.Stream, 1_000 * Mega, 1)!.IsResident);
    }

    [Fact]
    public void LargestPart_OfMaverick_IsADenseFeedForwardAndNotALayer()
    {
        var need = CheckpointPlan.OfConfig(PlannedConfig.File(PlannedConfig.Maverick)).Memory;
        Assert.Equal(2 * 251_658_240L, need.LargestPart);
        Assert.InRange(need.Least(1), need.LargestPart, 8_000_000_000);
    }
}
