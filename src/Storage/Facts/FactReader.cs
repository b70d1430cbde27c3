using System.Data.Common;
using System.Text;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Wire;
using Recs.Storage.Sql;

namespace Recs.Storage.Facts;

/// <summary>
/// Rows of <see cref="Query"/> back to facts. An impression comes as one row per shown item, in list order;
/// the columns of the fact itself are read from the first of them only.
/// </summary>
internal static class FactReader
{
    /// <summary>Facts known before <c>$before</c>, in the order (known, event time, event id by its UTF-8 bytes).</summary>
    public const string Query = $"""
        {Columns}
        where f.known_time < $before
        {Order}
        """;

    /// <summary>Facts of batches after <c>$batch</c>, in the same order.</summary>
    public const string Since = $"""
        {Columns}
        where f.batch > $batch
        {Order}
        """;

    /// <summary>Impressions and interactions of days before <c>$day</c>.</summary>
    public const string BeforeDay = $"""
        {Columns}
        where f.day < $day and f.type in (3, 4)
        {Order}
        """;

    /// <summary>Everything that names <c>$user</c>, of batches up to <c>$batch</c>.</summary>
    public const string OfUser = $"""
        {Columns}
        where f.user_id = $user and f.batch <= $batch
        {Order}
        """;

    private const string Columns = """
        select f.type, f.event_id, f.event_time, f.known_time, f.user_id, f.item_id, f.request_id, f.surface, f.action,
               f.value_micros, f.dwell_ms, f.payload, s.ordinal, s.position, s.item_id, s.propensity, s.price_micros
        from fact f
        left join fact_shown s on s.day = f.day and s.event_id = f.event_id
        """;

    private const string Order = "order by f.known_time, f.event_time, f.event_id, s.ordinal";

    public static IEnumerable<Fact> Read(DbDataReader rows)
    {
        Impression? open = null;
        var known = default(Timestamp);
        var shown = new List<ShownItem>();
        while (rows.Read())
        {
            if (!rows.IsDBNull(12) && rows.GetInt32(12) > 0)
            {
                shown.Add(Shown(rows));
                continue;
            }
            if (open is not null) yield return new(open with { Items = shown.ToArray() }, known);
            open = null;
            known = SqlTime.From(rows.GetDateTime(3));
            if (rows.GetInt16(0) != FactColumns.Impression)
            {
                yield return new(Single(rows), known);
                continue;
            }
            shown.Clear();
            if (!rows.IsDBNull(12)) shown.Add(Shown(rows));
            open = new(Id(rows), Time(rows), new(rows.GetString(6)), new(rows.GetString(4)), rows.GetString(7), []);
        }
        if (open is not null) yield return new(open with { Items = shown.ToArray() }, known);
    }

    private static Event Single(DbDataReader rows)
    {
        if (rows.GetInt16(0) == FactColumns.Interaction)
            return new Interaction(Id(rows), Time(rows), rows.IsDBNull(6) ? null : new RequestId(rows.GetString(6)),
                new(rows.GetString(4)), new(rows.GetString(5)), (InteractionType)rows.GetInt16(8), rows.GetInt64(9), rows.GetInt64(10));
        try
        {
            return EventCodec.ReadStored(Encoding.UTF8.GetBytes(rows.GetString(11)));
        }
        catch (InvalidDataException fault)
        {
            throw new InvalidDataException($"fact '{rows.GetString(1)}' of {Time(rows)} holds no event: {fault.Message}", fault);
        }
    }

    private static EventId Id(DbDataReader rows) => new(rows.GetString(1));

    private static Timestamp Time(DbDataReader rows) => SqlTime.From(rows.GetDateTime(2));

    private static ShownItem Shown(DbDataReader rows) =>
        new(new(rows.GetString(14)), rows.GetInt32(13), rows.IsDBNull(15) ? null : rows.GetDouble(15), rows.GetInt64(16));
}
