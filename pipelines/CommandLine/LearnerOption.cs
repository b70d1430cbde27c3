using System.CommandLine;
using Recs.Ranker.Training;

namespace Recs.Pipelines.CommandLine;

/// <summary><c>--learner WORD</c>: what learns a head.</summary>
internal static class LearnerOption
{
    /// <summary>The words.</summary>
    public static IReadOnlyList<string> Words { get; } = [.. Enum.GetValues<Learner>().Select(Word)];

    /// <summary>The word for a learner.</summary>
    public static string Word(Learner learner) => learner.ToString().ToLowerInvariant();

    public static Option<Learner?> Create(string description) => new("--learner") { Description = description, HelpName = string.Join('|', Words) };
}
