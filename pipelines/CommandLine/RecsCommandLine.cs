using System.CommandLine;
using Recs.Pipelines.Bench;
using Recs.Pipelines.DeadLetters;
using Recs.Pipelines.Decisions;
using Recs.Pipelines.Demo;
using Recs.Pipelines.Doctor;
using Recs.Pipelines.Embed;
using Recs.Pipelines.Erase;
using Recs.Pipelines.Evaluate;
using Recs.Pipelines.Export;
using Recs.Pipelines.Explain;
using Recs.Pipelines.Features;
using Recs.Pipelines.Hidden;
using Recs.Pipelines.Import;
using Recs.Pipelines.Ingest;
using Recs.Pipelines.Keys;
using Recs.Pipelines.Load;
using Recs.Pipelines.Marts;
using Recs.Pipelines.Models;
using Recs.Pipelines.Plan;
using Recs.Pipelines.Quality;
using Recs.Pipelines.Replay;
using Recs.Pipelines.Reports;
using Recs.Pipelines.Retain;
using Recs.Pipelines.Run;
using Recs.Pipelines.Score;
using Recs.Pipelines.Serve;
using Recs.Pipelines.Simulate;
using Recs.Pipelines.Snapshot;
using Recs.Pipelines.State;
using Recs.Pipelines.Tokenize;
using Recs.Pipelines.Train;
using Recs.Pipelines.Up;

namespace Recs.Pipelines.CommandLine;

/// <summary>The table of verbs. One folder of this project holds each verb's job.</summary>
internal static class RecsCommandLine
{
    /// <returns>0 done, 1 failed, 2 wrong usage.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("Recs scores ads and feed items: events in, ranked slates out.");
        // In the order of the data's way; then what looks at it.
        root.Subcommands.Add(DemoVerb.Create());
        root.Subcommands.Add(ImportVerb.Create(TimeProvider.System));
        root.Subcommands.Add(MigrateVerb.Create());
        root.Subcommands.Add(IngestVerb.Create(TimeProvider.System));
        root.Subcommands.Add(ServeVerb.Create(TimeProvider.System));
        root.Subcommands.Add(UpVerb.Create(TimeProvider.System));
        root.Subcommands.Add(SnapshotVerb.Create());
        root.Subcommands.Add(FeaturesVerb.Create());
        root.Subcommands.Add(TrainVerb.Create(TimeProvider.System));
        root.Subcommands.Add(EvaluateVerb.Create(TimeProvider.System));
        root.Subcommands.Add(ExplainVerb.Create());
        root.Subcommands.Add(ModelsVerb.Create(TimeProvider.System));
        root.Subcommands.Add(ScoreVerb.Create());
        root.Subcommands.Add(LoadVerb.Create(TimeProvider.System));
        root.Subcommands.Add(RunVerb.Create(root, TimeProvider.System));
        root.Subcommands.Add(QualityVerb.Create(TimeProvider.System));
        root.Subcommands.Add(StateVerb.Create(TimeProvider.System));
        root.Subcommands.Add(ReplayVerb.Create(TimeProvider.System));
        root.Subcommands.Add(ReplayDecisionVerb.Create());
        root.Subcommands.Add(RetainVerb.Create(TimeProvider.System));
        root.Subcommands.Add(KeysVerb.Create(TimeProvider.System));
        root.Subcommands.Add(EraseVerb.Create(TimeProvider.System));
        root.Subcommands.Add(MartsVerb.Create());
        root.Subcommands.Add(ReportVerb.Create());
        root.Subcommands.Add(ExportVerb.Create());
        root.Subcommands.Add(CheckVerb.Create());
        root.Subcommands.Add(DeadLetterVerb.Create(TimeProvider.System));
        root.Subcommands.Add(DoctorVerb.Create());
        root.Subcommands.Add(TokenizeCommand.Create());
        root.Subcommands.Add(HiddenCommand.Create());
        root.Subcommands.Add(EmbedCommand.Create(TimeProvider.System));
        root.Subcommands.Add(PlanVerb.Create(TimeProvider.System));
        root.Subcommands.Add(SimulateVerb.Create(TimeProvider.System));
        root.Subcommands.Add(BenchVerb.Create(TimeProvider.System));
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors) await Console.Error.WriteLineAsync($"recs: {error.Message.ReplaceLineEndings("").Replace('\t', ' ')}");
            await Console.Error.WriteLineAsync("recs: see ./recs --help, or ./recs VERB --help");
            return 2;
        }
        // What a verb may take to end once it is told to: what it has not stored by then is read again by the next run.
        return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(4) });
    }
}
