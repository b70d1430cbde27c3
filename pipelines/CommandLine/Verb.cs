using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Recs.Domain;
using Recs.Storage;

namespace Recs.Pipelines.CommandLine;

/// <summary>What every verb shares: one place where refusals become one line and an exit code, and where <c>--json</c> is written.</summary>
internal static class Verb
{
    /// <summary><c>--json FILE</c>: the verb's result as one JSON object.</summary>
    public static Option<FileInfo?> JsonOption() => new("--json") { Description = "Write the result as one JSON object to FILE.", HelpName = "FILE" };

    /// <summary><c>--model DIR</c>, required: a ranker's model folder.</summary>
    public static Option<string> ModelOption() => new("--model") { Description = "The ranker's model folder, as recs demo writes it.", HelpName = "DIR", Required = true };

    /// <summary>Makes a verb whose <paramref name="job"/> may refuse: a <see cref="RefusedException"/> is one line on stderr and exit code 1.</summary>
    public static Command Create(string name, string description, IEnumerable<Option> options, Func<ParseResult, CancellationToken, Task<int>> job)
    {
        var command = new Command(name, description);
        foreach (var option in options) command.Options.Add(option);
        command.SetAction(async (parsed, cancel) =>
        {
            var called = Called(parsed);
            try
            {
                return await job(parsed, cancel);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                await Console.Error.WriteLineAsync($"{called}: stopped");
                return 1;
            }
            catch (RefusedException refused)
            {
                await Console.Error.WriteLineAsync($"{called}: {refused.Message}");
                return 1;
            }
            catch (Exception failed) when (failed is IOException or UnauthorizedAccessException or StoreUnavailableException)
            {
                await Console.Error.WriteLineAsync($"{called}: {failed.Message}");
                return 1;
            }
            catch (Exception fault) when (Environment.GetEnvironmentVariable("RECS_TRACE") is null)
            {
                await Console.Error.WriteLineAsync($"{called}: a fault of Recs itself: {fault.GetType().Name}: {fault.Message.ReplaceLineEndings(" ")} (RECS_TRACE=1 shows where)");
                return 1;
            }
        });
        return command;
    }

    /// <summary><c>recs bench embed</c>: the verb with what it stands under.</summary>
    private static string Called(ParseResult parsed)
    {
        List<string> names = [];
        for (var at = parsed.CommandResult; at is { Command: not RootCommand }; at = at.Parent as CommandResult) names.Insert(0, at.Command.Name);
        return "recs " + string.Join(' ', names);
    }

    /// <summary>Writes <paramref name="value"/> as one JSON object; nothing without a file.</summary>
    public static void WriteJson<T>(FileInfo? file, T value, JsonTypeInfo<T> type)
    {
        if (file is null) return;
        using var result = new PartialFile(file);
        JsonSerializer.Serialize(result.Stream, value, type);
        result.Stream.WriteByte((byte)'\n');
        result.Keep();
    }
}
