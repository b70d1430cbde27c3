namespace Recs.Embedder.Planning;

/// <summary>What a run is planned for.</summary>
/// <param name="Tokens">To embed, at least 1.</param>
/// <param name="Texts">That they are in, 1 to <paramref name="Tokens"/>.</param>
/// <param name="MemoryBytes">Allowed to weights and activations.</param>
/// <param name="Threads">That compute, at least 1.</param>
/// <param name="DiskBytesPerSecond">Reading the checkpoint front to back.</param>
/// <param name="FlopsPerSecond">Of the forward pass.</param>
public sealed record RunRequest(long Tokens, long Texts, long MemoryBytes, int Threads, double DiskBytesPerSecond, double FlopsPerSecond);

/// <summary>What a run takes longest for.</summary>
public enum RunBound
{
    /// <summary>Computing.</summary>
    Compute = 0,

    /// <summary>Reading weights.</summary>
    Disk = 1,
}

/// <summary>How a run would go. Immutable.</summary>
/// <param name="Residency">Full or stream.</param>
/// <param name="TokensInFlight">That the memory holds, at most those of the request.</param>
/// <param name="Passes">Over the layers of the checkpoint.</param>
/// <param name="BytesRead">From disk: layers, and the rows of the token table.</param>
/// <param name="ComputeSeconds">Of all passes.</param>
/// <param name="DiskSeconds">Of all passes.</param>
/// <param name="Seconds">Together: streaming reads a part while it computes another where memory allows, full residency loads first.</param>
/// <param name="Bound">The longer of the two.</param>
public sealed record RunPlan(Residency Residency, long TokensInFlight, long Passes, double BytesRead, double ComputeSeconds, double DiskSeconds, double Seconds, RunBound Bound)
{
    /// <param name="checkpoint">What is run.</param>
    /// <param name="request">How much of it, with what.</param>
    /// <param name="need">What it takes where it runs; null: in this machine's memory.</param>
    /// <returns>Null where the memory does not hold even a part and a few tokens.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number of the request is out of its range.</exception>
    public static RunPlan? Of(CheckpointPlan checkpoint, RunRequest request, MemoryNeed? need = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(request.Tokens);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(request.Texts);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(request.Texts, request.Tokens);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(request.Threads);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(request.DiskBytesPerSecond);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(request.FlopsPerSecond);
        if ((need ?? checkpoint.Memory).Plan(Residency.Auto, request.MemoryBytes, request.Threads) is not { } plan) return null;
        var inFlight = Math.Min(request.Tokens, plan.TokensInFlight);
        var passes = plan.IsResident ? 1 : (request.Tokens + inFlight - 1) / inFlight;
        // A row that came up before is still in the system's file cache, at best: the table is read once a pass at most.
        var rows = Math.Min((double)request.Tokens * checkpoint.TableRowBytes, (double)passes * checkpoint.StoredBytes.Embeddings);
        var bytes = (double)passes * checkpoint.Memory.AllLayers + rows;
        var compute = Operations(checkpoint.Cost, request) / request.FlopsPerSecond;
        var disk = bytes / request.DiskBytesPerSecond;
        // The first part of a stream is waited for; all others come while one computes, if there is room for two.
        var together = plan.ReadsAhead ? Math.Max(disk, compute) + checkpoint.Memory.LargestPart / request.DiskBytesPerSecond : disk + compute;
        return new RunPlan(plan.IsResident ? Residency.Full : Residency.Stream, inFlight, passes, bytes, compute, disk, together, disk > compute ? RunBound.Disk : RunBound.Compute);
    }

    /// <summary>Of texts as equal in length as they can be.</summary>
    private static double Operations(ForwardCost cost, RunRequest request)
    {
        var (length, longer) = Math.DivRem(request.Tokens, request.Texts);
        return (request.Texts - longer) * cost.OfText(length) + longer * cost.OfText(length + 1);
    }
}
