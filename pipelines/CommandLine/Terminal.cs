using Spectre.Console;

namespace Recs.Pipelines.CommandLine;

/// <summary>Where verbs write for a person.</summary>
internal static class Terminal
{
    /// <summary>What a line is allowed on a pipe or in a file, where nothing is to be wrapped.</summary>
    private const int Unwrapped = 10_000;

    /// <summary>A console over what <see cref="Console.Out"/> is now; lines are wrapped on a terminal only.</summary>
    public static IAnsiConsole Open() => Over(Console.Out);

    /// <summary>The same over <see cref="Console.Error"/>: for progress, so that results alone are on the output.</summary>
    public static IAnsiConsole OpenError() => Over(Console.Error);

    /// <summary>Whether a person looks at it.</summary>
    public static bool IsOne(IAnsiConsole console) => console.Profile.Out.IsTerminal
        && !(ReferenceEquals(console.Profile.Out.Writer, Console.Error) ? Console.IsErrorRedirected : Console.IsOutputRedirected);

    private static IAnsiConsole Over(TextWriter writer)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
        if (!IsOne(console)) console.Profile.Width = Unwrapped;
        return console;
    }
}
