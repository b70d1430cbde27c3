using Recs.Pipelines.CommandLine;

namespace Recs.Pipelines.Tests.CommandLine;

/// <summary>The real entry of the program with its console captured. Only for tests of <see cref="ConsoleTests"/>: the console belongs to the process.</summary>
internal static class RecsProgram
{
    public static async Task<(int Code, string Out, string Error)> Run(params string[] args)
    {
        var (output, error) = (Console.Out, Console.Error);
        using var said = new StringWriter();
        using var complained = new StringWriter();
        Console.SetOut(said);
        Console.SetError(complained);
        try
        {
            var code = await RecsCommandLine.RunAsync(args);
            return (code, said.ToString(), complained.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
        }
    }

    /// <summary>Runs what must succeed and returns what it said.</summary>
    public static async Task<string> Succeed(params string[] args)
    {
        var (code, said, complained) = await Run(args);
        Assert.True(code == 0, $"recs {string.Join(' ', args)}: exit code {code}: {complained}{said}");
        return said;
    }

    /// <summary>Runs what must fail and returns its one line on stderr.</summary>
    public static async Task<string> Fail(int code, params string[] args)
    {
        var run = await Run(args);
        Assert.True(code == run.Code, $"recs {string.Join(' ', args)}: exit code {run.Code}: {run.Error}{run.Out}");
        var lines = run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (code == 1) Assert.Single(lines);
        return lines[0];
    }
}

/// <summary>Tests that capture the console: never beside any other test.</summary>
[CollectionDefinition(nameof(ConsoleTests), DisableParallelization = true)]
public sealed class ConsoleTests;
