using System.CommandLine;
using Recs.Embedder.Planning;
using Recs.Pipelines.CommandLine;

namespace Recs.Pipelines.Plan;

/// <summary><c>recs plan</c>: what a checkpoint needs, without loading it.</summary>
internal static class PlanVerb
{
    /// <param name="clock">Times disk and computing where their rates are not given.</param>
    public static Command Create(TimeProvider clock)
    {
        var options = new PlanOptions();
        return Verb.Create("plan", "What a checkpoint holds and what embedding with it needs: memory, passes, bytes, time. No weight is loaded.", options.All, (parsed, cancel) =>
        {
            var (checkpoint, source, storedAs) = options.Checkpoint(parsed);
            var (memory, tokens, texts, disk, flops) = options.Run(parsed, clock, cancel);
            var (need, lanes) = options.Need(parsed, checkpoint);
            var run = RunPlan.Of(checkpoint, new RunRequest(tokens, texts, memory, lanes, disk.PerSecond, flops.PerSecond), need);
            var result = new PlanResult(source, storedAs, checkpoint.LayerBytes.Count, checkpoint.Parameters, checkpoint.ActivePerToken, checkpoint.StoredBytes, checkpoint.Unused,
                checkpoint.LargestLayer, checkpoint.LayerBytes[checkpoint.LargestLayer],
                new PlannedMemory(memory, need.Full(lanes), need.Least(lanes), need.LargestPart, need.StatePerToken),
                run is null ? null : new PlannedRun(tokens, texts, disk, flops, run));
            PlanTable.Show(result);
            Verb.WriteJson(options.Json(parsed), result, PlanJson.Default.PlanResult);
            return Task.FromResult(0);
        });
    }
}
