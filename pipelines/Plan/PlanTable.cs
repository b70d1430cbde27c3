using Recs.Embedder.Planning;
using Recs.Pipelines.CommandLine;
using Spectre.Console;
using Table = Recs.Storage.Reports.Table;
using static System.FormattableString;

namespace Recs.Pipelines.Plan;

/// <summary>A plan for a person.</summary>
internal static class PlanTable
{
    public static void Show(PlanResult plan)
    {
        var console = Terminal.Open();
        console.WriteLine(Invariant($"{plan.Source}: {plan.Layers} layers, stored {plan.StoredAs}"));
        TableText.Show(new Table(["part", "parameters", "bytes"],
        [
            Row("embeddings", plan, parts => parts.Embeddings), Row("attention", plan, parts => parts.Attention), Row("norms", plan, parts => parts.Norms),
            Row("routers", plan, parts => parts.Routers), Row("shared experts", plan, parts => parts.SharedExperts), Row("routed experts", plan, parts => parts.RoutedExperts),
            Row("dense", plan, parts => parts.Dense), Row("total", plan, parts => parts.Total),
        ]), console);
        console.WriteLine(Invariant($"active     {plan.ActivePerToken:N0} parameters a token"));
        console.WriteLine(Invariant($"unused     output head {ByteSize.Text(plan.NotNeeded.OutputHead)}, vision {ByteSize.Text(plan.NotNeeded.Vision)}, other {ByteSize.Text(plan.NotNeeded.Other)}"));
        console.WriteLine(Invariant($"largest    layer {plan.LargestLayer} with {ByteSize.Text(plan.LargestLayerBytes)}"));
        var memory = plan.Memory;
        console.WriteLine(Invariant($"memory     {ByteSize.Text(memory.Full)} with all layers, {ByteSize.Text(memory.Stream)} at least as they pass through (largest part {ByteSize.Text(memory.LargestPart)}), {ByteSize.Text(memory.StatePerToken)} more a token in flight; allowed {ByteSize.Text(memory.Allowed)}"));
        console.WriteLine(plan.Run is { } run ? Describe(run) : Invariant($"run        does not fit: allow {ByteSize.Text(memory.Stream)} or more, --memory"));
    }

    private static string Describe(PlannedRun run)
    {
        var plan = run.Plan;
        var rates = Invariant($"compute    {Duration(plan.ComputeSeconds)} at {run.FlopsPerSecond.PerSecond / 1e9:0.0} GFLOP/s ({run.FlopsPerSecond.Source})\ndisk       {Duration(plan.DiskSeconds)} at {run.DiskBytesPerSecond.PerSecond / 1e6:0} MB/s ({run.DiskBytesPerSecond.Source})");
        var way = plan.Residency == Embedder.Residency.Full ? "all layers in memory" : "weights passing through";
        return Invariant($"run        {run.Tokens:N0} tokens in {run.Texts:N0} texts, {way}: {plan.TokensInFlight:N0} in flight, {plan.Passes:N0} pass(es), {Size(plan.BytesRead)} read\n{rates}\ntogether   {Duration(plan.Seconds)}, bound by {(plan.Bound == RunBound.Disk ? "the disk" : "computing")}");
    }

    private static object?[] Row(string name, PlanResult plan, Func<ModelParts, long> part) => [name, part(plan.Parameters), ByteSize.Text(part(plan.Bytes))];

    private static string Size(double bytes) => bytes < long.MaxValue ? ByteSize.Text((long)bytes) : Invariant($"{bytes / 1e12:0} TB");

    private static string Duration(double seconds) => seconds switch
    {
        < 120 => Invariant($"{seconds:0.0} s"),
        < 7200 => Invariant($"{seconds / 60:0.0} min"),
        < 172_800 => Invariant($"{seconds / 3600:0.0} h"),
        _ => Invariant($"{seconds / 86_400:0.0} days"),
    };
}
