using System.CommandLine;
using System.Globalization;
using Recs.Domain;
using Recs.Pipelines.CommandLine;

namespace Recs.Pipelines.Run;

/// <summary><c>recs run FILE.yaml</c>: a pipeline of jobs.</summary>
internal static class RunVerb
{
    /// <param name="root">The table of verbs that jobs may name.</param>
    /// <param name="clock">Times the jobs.</param>
    public static Command Create(RootCommand root, TimeProvider clock)
    {
        var file = new Argument<string>("FILE") { Description = "A pipeline in YAML, such as pipelines/nightly.yaml." };
        var set = new Option<string[]>("--set") { Description = "A value for a variable of the pipeline; may be repeated.", HelpName = "NAME=VALUE", DefaultValueFactory = _ => [] };
        var json = Verb.JsonOption();
        var command = Verb.Create("run", "Runs the jobs of a pipeline in order, up to the first that fails.", [set, json], async (parsed, cancel) =>
        {
            var pipeline = PipelineFile.Read(parsed.GetValue(file)!, Given(parsed.GetValue(set)!));
            var result = await new PipelineRun(pipeline, root, clock).Run(cancel);
            Verb.WriteJson(parsed.GetValue(json), result, RunJson.Default.RunResult);
            if (!result.Done)
                throw new RefusedException($"pipeline {pipeline.Name}: job '{result.Jobs[^1].Name}' ({result.Jobs.Count} of {pipeline.Jobs.Count}) failed with exit code {result.Jobs[^1].ExitCode}; no later job was started");
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"run: pipeline {pipeline.Name} done, {result.Jobs.Count} jobs in {result.Jobs.Sum(job => job.Seconds):0.0} s"));
            return 0;
        });
        command.Arguments.Add(file);
        return command;
    }

    private static Dictionary<string, string> Given(string[] texts)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1) throw new RefusedException($"--set '{text}' is not NAME=VALUE");
            if (!given.TryAdd(text[..equals], text[(equals + 1)..])) throw new RefusedException($"--set {text[..equals]} is given twice");
        }
        return given;
    }
}
