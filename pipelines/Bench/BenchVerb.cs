using System.CommandLine;
using Recs.Pipelines.Bench.Api;
using Recs.Pipelines.Bench.Forest;
using Recs.Pipelines.Bench.Freshness;
using Recs.Pipelines.Bench.Ingest;
using Recs.Pipelines.Bench.Marts;
using Recs.Pipelines.Bench.Replay;
using Recs.Pipelines.Bench.Score;
using Recs.Pipelines.Bench.State;

namespace Recs.Pipelines.Bench;

/// <summary><c>recs bench</c>: figures of ours beside those of others, in one run.</summary>
internal static class BenchVerb
{
    /// <param name="clock">Times everything.</param>
    public static Command Create(TimeProvider clock)
    {
        var command = new Command("bench", "Benchmarks: our figure, the figure to hold it against, and their ratio, in one run.");
        command.Subcommands.Add(EmbedBenchVerb.Create(clock));
        command.Subcommands.Add(IngestBenchVerb.Create(clock));
        command.Subcommands.Add(ForestBenchVerb.Create());
        command.Subcommands.Add(ScoreBenchVerb.Create(clock));
        command.Subcommands.Add(ApiBenchVerb.Create(clock));
        command.Subcommands.Add(ReplayBenchVerb.Create(clock));
        command.Subcommands.Add(StateBenchVerb.Create());
        command.Subcommands.Add(MartBenchVerb.Create());
        command.Subcommands.Add(FreshnessBenchVerb.Create(clock));
        return command;
    }
}
