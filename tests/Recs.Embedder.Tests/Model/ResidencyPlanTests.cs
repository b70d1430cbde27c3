using Recs.Domain;
using Recs.Embedder.Checkpoint;
using Recs.Embedder.Compute;
using Recs.Embedder.Model;
using Recs.Embedder.Threading;

namespace Recs.Embedder.Tests.Model;

public sealed class ResidencyPlanTests
{
    private const long Mega = 1_000_000;

    [Fact]
    public void Of_MoreMemory_NeverFewerTokensAndThenResident()
    {
        using var checkpoint = CheckpointFolder.Open(GoldenFolder.Nano);
        var loader = new PartLoader(Llama4ConfigFile.Read(GoldenFolder.Nano), checkpoint, new CpuCompute(new WorkerTeam(1)));
        var (largest, all) = loader.PartBytes(1);
        Assert.InRange(all, 7 * Mega, 8 * Mega); // 3.7 million weights of the layers as bf16
        Assert.InRange(largest, all / 100, all / 10);
        var plans = new List<ResidencyPlan>();
        for (var memory = 136 * Mega; memory < 160 * Mega; memory += Mega / 4)
        {
            try
            {
                plans.Add(ResidencyPlan.Of(Residency.Auto, memory, loader, 384, 1));
            }
            catch (RefusedException refused)
            {
                Assert.Empty(plans);
                Assert.Contains("even layer by layer", refused.Message);
            }
        }
        Assert.False(plans[0].IsResident);
        Assert.False(plans[0].ReadsAhead);
        Assert.True(plans[^1].IsResident);
        var streaming = plans.TakeWhile(plan => !plan.IsResident).ToArray();
        Assert.All(plans.Skip(streaming.Length), plan => Assert.True(plan.IsResident));
        Assert.Contains(streaming, plan => plan.ReadsAhead);
        Assert.All(streaming, plan => Assert.InRange(plan.TokensInFlight, 384, ResidencyPlan.MostTokensInFlight));
        foreach (var group in streaming.GroupBy(plan => plan.ReadsAhead)) Assert.Equal(group.Select(plan => plan.TokensInFlight).Order(), group.Select(plan => plan.TokensInFlight));
    }

    [Fact]
    public void Of_FullThatDoesNotFit_RefusesWithBothFigures()
    {
        using var checkpoint = CheckpointFolder.Open(GoldenFolder.Nano);
        var loader = new PartLoader(Llama4ConfigFile.Read(GoldenFolder.Nano), checkpoint, new CpuCompute(new WorkerTeam(1)));
        var refused = Assert.Throws<RefusedException>(() => ResidencyPlan.Of(Residency.Full, 10 * Mega, loader, 384, 1));
        Assert.Contains("0.01 GB may be used", refused.Message);
        Assert.Contains("--residency stream", refused.Message);
        Assert.False(ResidencyPlan.Of(Residency.Stream, 1_000 * Mega, loader, 384, 1).IsResident);
    }
}
