using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Recs.Domain;

namespace Recs.Ingest;

/// <summary>Creates missing topics on a cluster. (The embedded broker has its topics from the start.)</summary>
public static class TopicCreation
{
    /// <summary>A week.</summary>
    private const string CompactionLagMs = "604800000";

    /// <summary>Creates those of <paramref name="topics"/> that ingest reads and that do not exist; leaves the others as they are.</summary>
    /// <remarks>
    /// Events are kept without a time limit: they carry the time at which they became known, which for an imported history is long past,
    /// and Kafka deletes by that time. The operator may lower it. A compacted topic keeps an item's older versions for a week, so that an ingest that was away does
    /// not miss them; those of an imported history may go at once, by the same time.
    /// </remarks>
    /// <exception cref="RefusedException">The brokers do not answer, or this user may not create topics.</exception>
    public static Task EnsureAsync(KafkaConnection connection, Topics topics) => EnsureAsync(connection, topics, topics.OfIngest);

    /// <summary>The same for the topics named.</summary>
    /// <exception cref="RefusedException">The brokers do not answer, or this user may not create topics.</exception>
    public static async Task EnsureAsync(KafkaConnection connection, Topics topics, IReadOnlyList<string> needed)
    {
        if (connection.Embedded) return;
        using var admin = KafkaConnection.Built(() => new AdminClientBuilder(connection.Apply(new AdminClientConfig()))
            .SetLogHandler((_, line) => connection.Write(line)).SetErrorHandler((_, _) => { }).Build());
        try
        {
            var existing = admin.GetMetadata(connection.ConnectTimeout).Topics.Where(topic => !topic.Error.IsError).Select(topic => topic.Topic).ToHashSet(StringComparer.Ordinal);
            var missing = needed.Where(topic => !existing.Contains(topic)).Select(topic => new TopicSpecification
            {
                Name = topic,
                NumPartitions = topics.Partitions(topic),
                Configs = topics.IsCompacted(topic) ? new() { ["cleanup.policy"] = "compact", ["min.compaction.lag.ms"] = CompactionLagMs } : new() { ["retention.ms"] = "-1" },
            }).ToArray();
            if (missing.Length > 0) await admin.CreateTopicsAsync(missing).ConfigureAwait(false);
        }
        catch (CreateTopicsException failed)
        {
            var refused = failed.Results.FirstOrDefault(result => result.Error.Code is not (ErrorCode.NoError or ErrorCode.TopicAlreadyExists));
            if (refused is not null) throw KafkaRefusal.Of(connection, $"creating topic {refused.Topic}", refused.Error, failed);
        }
        catch (KafkaException failed)
        {
            throw KafkaRefusal.Of(connection, "looking up the topics", failed.Error, failed);
        }
    }
}
