using Recs.Ingest;
using Recs.Ranker.Slates;

namespace Recs.Api.Live;

/// <summary>What an operator may vary of <see cref="LiveState"/>.</summary>
public sealed record LiveStateOptions
{
    /// <summary>The consumer group whose offsets in the store say where following begins. Default: ingest's own, <c>recs-ingest</c>.</summary>
    public string Group { get; init; } = new IngestOptions().Group;

    /// <summary>What is followed. Default <c>recs.*</c>.</summary>
    public Topics Topics { get; init; } = new();

    /// <summary>The rules of the slate.</summary>
    public SlatePolicy Policy { get; init; } = new();

    /// <summary>How far the state may lie behind the stream and still count as ready, in messages. At least 0, default 10,000.</summary>
    public long ReadyLag { get; init; } = 10_000;

    /// <summary>Threads that may share the work on one answer, at least 1. Default: as many as there are processors, at most 4, since pieces get too small beyond.</summary>
    public int Threads { get; init; } = Math.Min(4, Environment.ProcessorCount);

    /// <summary>Takes a line about each change of policy, model and experiments, and about faults; null drops them.</summary>
    public Action<string>? Log { get; init; }
}
