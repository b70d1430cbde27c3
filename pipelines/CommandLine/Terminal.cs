using Spectre.Console;

namespace Recs.Pipelines.CommandLine;

/// <summary>Where verbs write for a person.</summary>
internal static class Terminal
{
    /// <summary>What a line is allowed on a pipe or in a file, where nothing is to be wrapped.</summary>
    private const int Unwrapped = 10_000;

    /// <summary>A console over what <see cref="Console.Out"/> is now; lines are wrapped on a terminal only.</summary>
    public static IAnsiConsole Open()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Out) });
        if (!IsOne(console)) console.Profile.Width = Unwrapped;
        return console;
    }

    /// <summary>Whether a person looks at it.</summary>
    public static bool IsOne(IAnsiConsole console) => console.Profile.Out.IsTerminal && !Console.IsOutputRedirected;
}
