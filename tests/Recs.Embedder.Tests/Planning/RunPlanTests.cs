using Recs.Embedder.Planning;

namespace Recs.Embedder.Tests.Planning;

public sealed class RunPlanTests
{
    private static readonly CheckpointPlan Scout = CheckpointPlan.OfConfig(PlannedConfig.File(PlannedConfig.Scout));

    [Fact]
    public void Of_EnoughMemory_KeepsAllLayersAndReadsOnce()
    {
        var plan = RunPlan.Of(Scout, new RunRequest(1_000_000, 10_000, 256L << 30, 2, 1e9, 1e12))!;
        Assert.Equal((Residency.Full, 1), (plan.Residency, plan.Passes));
        Assert.Equal(Scout.StoredBytes.Total, plan.BytesRead); // a million tokens have read the whole table
        Assert.Equal(10_000 * Scout.Cost.OfText(100) / 1e12, plan.ComputeSeconds, 1e-6);
        Assert.Equal(plan.ComputeSeconds + plan.DiskSeconds, plan.Seconds);
        Assert.Equal(RunBound.Compute, plan.Bound);
    }

    [Fact]
    public void Of_LittleMemory_StreamsInAsManyPassesAsTokensInFlightNeed()
    {
        var plan = RunPlan.Of(Scout, new RunRequest(1_000_000, 1_000_000, 4L << 30, 2, 1e9, 1e15))!;
        Assert.Equal(Residency.Stream, plan.Residency);
        Assert.Equal((1_000_000 + plan.TokensInFlight - 1) / plan.TokensInFlight, plan.Passes);
        Assert.True(plan.Passes > 1);
        Assert.Equal(plan.Passes * (double)Scout.Memory.AllLayers + Math.Min(1_000_000 * 10_240.0, plan.Passes * (double)Scout.StoredBytes.Embeddings), plan.BytesRead);
        Assert.Equal(RunBound.Disk, plan.Bound);
        Assert.Equal(plan.DiskSeconds + Scout.Memory.LargestPart / 1e9, plan.Seconds, 1e-6);
    }

    [Fact]
    public void Of_FewTokens_ReadsTheirRowsOnly() =>
        Assert.Equal(Scout.Memory.AllLayers + 7 * 10_240.0, RunPlan.Of(Scout, new RunRequest(7, 1, 4L << 30, 2, 1e9, 1e12))!.BytesRead);

    [Fact]
    public void Of_NotEvenAPart_IsNull()
    {
        Assert.Null(RunPlan.Of(Scout, new RunRequest(10, 1, Scout.Memory.Least(2) - 1, 2, 1e9, 1e12)));
        var least = RunPlan.Of(Scout, new RunRequest(1_000_000, 1_000, Scout.Memory.Least(2), 2, 1e9, 1e12))!;
        // Without room for a second part, reading and computing take turns.
        Assert.Equal(least.ComputeSeconds + least.DiskSeconds, least.Seconds);
    }

    [Fact]
    public void Of_NumbersOutOfRange_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => RunPlan.Of(Scout, new RunRequest(0, 1, 1 << 30, 1, 1, 1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => RunPlan.Of(Scout, new RunRequest(1, 2, 1 << 30, 1, 1, 1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => RunPlan.Of(Scout, new RunRequest(1, 1, 1 << 30, 1, 0, 1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => RunPlan.Of(Scout, new RunRequest(1, 1, 1 << 30, 0, 1, 1)));
    }
}
