using Recs.Domain;

namespace Recs.Ingest;

/// <summary>
/// Options of the client that decide what is delivered, and how often: set here and never by an operator, whose file may have been made for other programs.
/// </summary>
internal static class ReservedOptions
{
    private static readonly Dictionary<string, string> Instead = new(StringComparer.Ordinal)
    {
        ["bootstrap.servers"] = "--kafka",
        ["metadata.broker.list"] = "--kafka",
        ["group.id"] = "--group",
        ["group.protocol"] = "--group-protocol",
        ["auto.offset.reset"] = "--reset",
        ["enable.auto.commit"] = "",
        ["auto.commit.enable"] = "",
        ["enable.auto.offset.store"] = "",
        ["enable.partition.eof"] = "",
        ["enable.idempotence"] = "",
        ["acks"] = "",
        ["request.required.acks"] = "",
    };

    /// <exception cref="RefusedException">One of <paramref name="names"/> is reserved.</exception>
    public static void Refuse(IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            if (!Instead.TryGetValue(name.StartsWith("topic.", StringComparison.Ordinal) ? name["topic.".Length..] : name, out var instead)) continue;
            throw new RefusedException(instead.Length > 0
                ? $"kafka: the client option {name} is given by {instead}; leave it out"
                : $"kafka: the client option {name} decides whether events are kept exactly once, so Recs sets it itself; leave it out");
        }
    }
}
