using System.CommandLine;

namespace Recs.Pipelines.DeadLetters;

/// <summary><c>recs dlq</c>: the messages that were refused, and what is to become of them.</summary>
internal static class DeadLetterVerb
{
    public static Command Create(TimeProvider clock)
    {
        var command = new Command("dlq", "Dead letters: the messages that were refused.");
        command.Subcommands.Add(DeadLetterListVerb.Create());
        command.Subcommands.Add(DeadLetterShowVerb.Create());
        command.Subcommands.Add(DeadLetterRetryVerb.Create(clock));
        command.Subcommands.Add(DeadLetterDropVerb.Create(clock));
        return command;
    }
}
