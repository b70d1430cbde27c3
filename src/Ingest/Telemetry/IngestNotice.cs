using Recs.Storage;

namespace Recs.Ingest;

/// <summary>Something that an operator may want to know when it happens. The set is closed.</summary>
public abstract record IngestNotice
{
    private IngestNotice()
    {
    }

    /// <summary>The store failed and is tried again.</summary>
    /// <param name="What">What it did not do.</param>
    /// <param name="Fault">Its words, on one line.</param>
    /// <param name="Pause">Until the next try.</param>
    public sealed record StoreFailed(string What, string Fault, TimeSpan Pause) : IngestNotice;

    /// <summary>Another worker had moved an offset: a batch was dropped, and is read again by its owner.</summary>
    /// <param name="Why">Which offset.</param>
    public sealed record WasFenced(string Why) : IngestNotice;

    /// <summary>The group gave this worker partitions.</summary>
    public sealed record Assigned(IReadOnlyList<StreamPartition> Partitions) : IngestNotice;

    /// <summary>Partitions went to another worker; what was read of them is stored.</summary>
    public sealed record Revoked(IReadOnlyList<StreamPartition> Partitions) : IngestNotice;

    /// <summary>The group had given up this worker: what it had read and not stored is dropped.</summary>
    public sealed record Lost(IReadOnlyList<StreamPartition> Partitions) : IngestNotice;

    /// <summary>Messages were refused and kept.</summary>
    /// <param name="Letters">Those of one batch.</param>
    public sealed record Refused(IReadOnlyList<DeadLetter> Letters) : IngestNotice;

    /// <summary>An operator's reset moved offsets.</summary>
    public sealed record Moved(IReadOnlyList<StreamGap> Gaps) : IngestNotice;
}
