using System.CommandLine;
using Recs.Domain;

namespace Recs.Pipelines.Run;

/// <summary>Turns jobs into calls of the command line, so that a wrong verb or option is found before anything runs.</summary>
/// <param name="root">The table of verbs.</param>
/// <param name="file">For messages.</param>
internal sealed class JobCommand(RootCommand root, string file)
{
    /// <summary>A pipeline within a pipeline could run itself.</summary>
    private const string Refused = "run";

    /// <summary>A value that begins with @ is a value, not the name of a file with more arguments.</summary>
    private static readonly ParserConfiguration Plain = new() { ResponseFileTokenReplacer = null };

    /// <exception cref="RefusedException">The verb or an option is unknown, missing or wrong.</exception>
    public ParseResult Parse(PipelineJob job)
    {
        List<string> words = [.. job.Verb.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        var command = Find(job, words);
        foreach (var option in job.Options) words.AddRange(Arguments(job, command, option));
        var parsed = root.Parse(words, Plain);
        return parsed.Errors.Count == 0 ? parsed : throw Refuse(job.Line, $"job '{job.Name}': {parsed.Errors[0].Message.ReplaceLineEndings("").Replace('\t', ' ')}");
    }

    private Command Find(PipelineJob job, List<string> words)
    {
        Command command = root;
        foreach (var word in words)
            command = command.Subcommands.FirstOrDefault(known => known.Name == word)
                ?? throw Refuse(job.Line, $"there is no verb '{job.Verb}'; verbs are {string.Join(", ", command.Subcommands.Select(known => known.Name).Where(name => name != Refused))}");
        if (command == root) throw Refuse(job.Line, "run names no verb");
        if (words[0] == Refused) throw Refuse(job.Line, "a pipeline cannot run a pipeline: list its jobs here");
        if (command.Subcommands.Count > 0)
            throw Refuse(job.Line, $"verb '{job.Verb}' needs one of {string.Join(", ", command.Subcommands.Select(known => known.Name))} behind it");
        return command;
    }

    private IEnumerable<string> Arguments(PipelineJob job, Command command, PipelineOption option)
    {
        // One token for name and value: a value may then begin with a dash.
        if (command.Options.Any(known => known.Name == "--" + option.Name)) return option.Values.Select(value => $"--{option.Name}={value}");
        if (command.Arguments.Any(known => known.Name.Equals(option.Name, StringComparison.OrdinalIgnoreCase))) return option.Values;
        var names = command.Options.Select(known => known.Name.TrimStart('-')).Concat(command.Arguments.Select(known => known.Name.ToLowerInvariant()));
        throw Refuse(option.Line, $"'{job.Verb}' has no option '{option.Name}'; it has {string.Join(", ", names)}");
    }

    private RefusedException Refuse(int line, string what) => new($"{file}:{line}: {what}");
}
