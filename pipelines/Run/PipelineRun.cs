using System.CommandLine;
using System.Globalization;
using Recs.Domain;

namespace Recs.Pipelines.Run;

/// <summary>Runs the jobs of a pipeline one after the other in this process, up to the first that fails.</summary>
internal sealed class PipelineRun(Pipeline pipeline, RootCommand root, TimeProvider clock)
{
    /// <exception cref="RefusedException">A job cannot be run as it is written; then none was.</exception>
    public async Task<RunResult> Run(CancellationToken cancel)
    {
        var command = new JobCommand(root, pipeline.File);
        var calls = pipeline.Jobs.Select(command.Parse).ToList();
        List<RunJob> done = [];
        for (var number = 0; number < calls.Count; number++)
        {
            cancel.ThrowIfCancellationRequested();
            var job = pipeline.Jobs[number];
            var place = $"[{number + 1}/{calls.Count}] {job.Name}";
            Console.WriteLine($"{place}: {job.Verb}");
            var begun = clock.GetTimestamp();
            var code = await calls[number].InvokeAsync(cancellationToken: cancel);
            var seconds = clock.GetElapsedTime(begun).TotalSeconds;
            done.Add(new(job.Name, job.Verb, code, seconds));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{place}: {(code == 0 ? "done" : $"failed, exit code {code}")} {seconds:0.0} s"));
            if (code != 0) return new(pipeline.Name, false, done);
        }
        return new(pipeline.Name, true, done);
    }
}
