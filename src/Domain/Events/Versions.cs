namespace Recs.Domain.Events;

/// <summary>The rule for everything of which the newest version counts, whatever the order of arrival.</summary>
public static class Versions
{
    /// <summary>Whether the first is later than the second in (time, event id), ids compared by UTF-16 code units.</summary>
    public static bool IsNewer(Timestamp time, EventId id, Timestamp thanTime, EventId thanId) =>
        time > thanTime || time == thanTime && string.CompareOrdinal(id.Value, thanId.Value) > 0;
}
