using System.CommandLine;
using Recs.Domain;

namespace Recs.Pipelines.CommandLine;

/// <summary>A moment on the command line: ISO 8601, a day for its beginning, UTC where no zone is given.</summary>
internal static class MomentOption
{
    public static Option<string?> Create(string name, string description) => new(name) { Description = description + " Such as 2026-11-24 or 2026-11-24T10:00:00Z.", HelpName = "TIME" };

    /// <summary>The moment, or null where none is given.</summary>
    /// <exception cref="RefusedException">It is none.</exception>
    public static Timestamp? Read(string name, string? text)
    {
        if (text is null) return null;
        return Timestamp.Parse(text) ?? throw new RefusedException($"{name} '{text}' is no moment; write 2026-11-24 or 2026-11-24T10:00:00Z");
    }
}
