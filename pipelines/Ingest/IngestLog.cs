using Microsoft.Extensions.Logging;
using Recs.Ingest;

namespace Recs.Pipelines.Ingest;

/// <summary>What ingest reports, as structured log entries. No entry holds an id of a person or the text of a message.</summary>
internal static partial class IngestLog
{
    /// <summary>One JSON object a line on the output.</summary>
    public static ILoggerFactory Json() => LoggerFactory.Create(builder => builder.AddJsonConsole(options =>
    {
        options.UseUtcTimestamp = true;
        options.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
    }));

    public static void Notice(ILogger log, IngestNotice notice)
    {
        switch (notice)
        {
            case IngestNotice.StoreFailed failed:
                StoreFailed(log, failed.What, failed.Fault, failed.Pause.TotalMilliseconds);
                break;
            case IngestNotice.WasFenced fenced:
                Fenced(log, fenced.Why);
                break;
            case IngestNotice.Assigned assigned:
                Assigned(log, assigned.Partitions.Count);
                break;
            case IngestNotice.Revoked revoked:
                Revoked(log, revoked.Partitions.Count);
                break;
            case IngestNotice.Lost lost:
                Lost(log, lost.Partitions.Count);
                break;
            case IngestNotice.Refused refused:
                foreach (var group in refused.Letters.GroupBy(letter => letter.Rejection.Reason))
                    Refused(log, group.Count(), group.Key, group.First().Partition.Topic, group.First().Partition.Partition, group.First().Offset);
                break;
            case IngestNotice.Moved moved:
                foreach (var gap in moved.Gaps) Moved(log, gap.Partition.Topic, gap.Partition.Partition, gap.From, gap.To, gap.How);
                break;
        }
    }

    [LoggerMessage(1, LogLevel.Information, "reading from {Brokers} into {Store}, group {Group}")]
    public static partial void Begun(ILogger log, string brokers, string store, string group);

    [LoggerMessage(2, LogLevel.Information, "{Consumed} read, {Appended} stored, {Duplicates} duplicates, {DeadLetters} dead letters, {Lag} waiting, {Retries} retries, {Fenced} fenced, {PerSecond} a second")]
    public static partial void Status(ILogger log, long consumed, long appended, long duplicates, long deadLetters, long lag, long retries, long fenced, double perSecond);

    [LoggerMessage(3, LogLevel.Information, "ended: {How}")]
    public static partial void Ended(ILogger log, string how);

    [LoggerMessage(4, LogLevel.Warning, "the store did not {What}: {Fault}; the next try in {PauseMs} ms")]
    private static partial void StoreFailed(ILogger log, string what, string fault, double pauseMs);

    [LoggerMessage(5, LogLevel.Warning, "fenced: {Why}")]
    private static partial void Fenced(ILogger log, string why);

    [LoggerMessage(6, LogLevel.Information, "{Partitions} partitions assigned")]
    private static partial void Assigned(ILogger log, int partitions);

    [LoggerMessage(7, LogLevel.Information, "{Partitions} partitions went to another worker")]
    private static partial void Revoked(ILogger log, int partitions);

    [LoggerMessage(8, LogLevel.Warning, "{Partitions} partitions were lost: the group had given up this worker")]
    private static partial void Lost(ILogger log, int partitions);

    [LoggerMessage(9, LogLevel.Information, "{Count} messages refused ({Reason}), the first {Topic}/{Partition}/{Offset}")]
    private static partial void Refused(ILogger log, int count, Domain.Wire.RejectionReason reason, string topic, int partition, long offset);

    [LoggerMessage(10, LogLevel.Warning, "{Topic}/{Partition} moved from {From} to {To} by --reset {How}")]
    private static partial void Moved(ILogger log, string topic, int partition, long from, long to, string how);
}
