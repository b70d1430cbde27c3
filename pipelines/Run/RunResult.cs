using System.Text.Json.Serialization;

namespace Recs.Pipelines.Run;

/// <summary>What <c>recs run --json</c> writes: the jobs that were started; the last may have failed.</summary>
internal sealed record RunResult(string Pipeline, bool Done, IReadOnlyList<RunJob> Jobs);

/// <summary>A job that ended.</summary>
internal sealed record RunJob(string Name, string Run, int ExitCode, double Seconds);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(RunResult))]
internal sealed partial class RunJson : JsonSerializerContext;
