using System.Text;
using Recs.Domain.Events;
using Recs.Domain.Items;
using Recs.Domain.Wire;
using Recs.Storage.Sql;

namespace Recs.Storage.Facts;

/// <summary>Events as rows of <c>fact</c>, <c>fact_item</c> and <c>fact_shown</c>; <see cref="FactReader"/> is the way back.</summary>
internal static class FactColumns
{
    public const short Item = 1, User = 2, Impression = 3, Interaction = 4;

    public const string Fact = "day, event_id, type, event_time, known_time, user_id, item_id, request_id, surface, action, value_micros, dwell_ms, payload, batch";
    public const string FactItem = "day, event_id, event_time, item_id, kind, status, title, category, author, advertiser, promotes, bid_per, bid_micros, daily_budget_micros";
    public const string FactShown = "day, event_id, ordinal, position, item_id, propensity, price_micros";

    /// <summary>The values of <see cref="Fact"/>.</summary>
    public static void WriteFact(BulkWriter row, Fact fact, long batch)
    {
        var source = fact.Event;
        var (impression, interaction) = (source as Impression, source as Interaction);
        row.Day(SqlTime.DayOf(source.Time));
        row.Text(source.Id.Value);
        row.Small(TypeOf(source));
        row.Time(source.Time);
        row.Time(fact.Known);
        row.Text(UserHash.UserOf(source)?.Value);
        row.Text(interaction?.Item.Value ?? (source as ItemUpserted)?.Item.Id.Value);
        row.Text(impression?.Request.Value ?? interaction?.Request?.Value);
        row.Text(impression?.Surface);
        row.Small((short?)interaction?.Action);
        row.Long(interaction?.ValueMicros);
        row.Long(interaction?.DwellMilliseconds);
        row.Text(source is ItemUpserted or UserUpserted ? Encoding.UTF8.GetString(EventCodec.Write(source)) : null);
        row.Long(batch);
    }

    /// <summary>The row of <see cref="FactItem"/>, with a number behind it where one is given.</summary>
    public static void WriteItem(BulkWriter row, ItemUpserted source, long? number = null)
    {
        var (item, ad) = (source.Item, source.Item.Ad);
        row.StartRow();
        row.Day(SqlTime.DayOf(source.Time));
        row.Text(source.Id.Value);
        row.Time(source.Time);
        row.Text(item.Id.Value);
        row.Text(ad is null ? "content" : "ad");
        row.Text(item.Status switch { ItemStatus.Active => "active", ItemStatus.Paused => "paused", _ => "deleted" });
        row.Text(item.Title);
        row.Text(item.Category);
        row.Text(item.Author);
        row.Text(ad?.Advertiser.Value);
        row.Text(ad?.Promotes?.Value);
        row.Text(ad?.Bid.Per switch { null => null, BidUnit.Thousand => "thousand", BidUnit.Click => "click", _ => "conversion" });
        row.Long(ad?.Bid.Micros);
        row.Long(ad?.DailyBudgetMicros);
        if (number is not null) row.Long(number);
        row.EndRow();
    }

    /// <summary>The rows of <see cref="FactShown"/>, each with a number behind it where one is given.</summary>
    public static void WriteShown(BulkWriter row, Impression source, long? number = null)
    {
        var day = SqlTime.DayOf(source.Time);
        for (var ordinal = 0; ordinal < source.Items.Count; ordinal++)
        {
            var shown = source.Items[ordinal];
            row.StartRow();
            row.Day(day);
            row.Text(source.Id.Value);
            row.Integer(ordinal);
            row.Integer(shown.Position);
            row.Text(shown.Item.Value);
            row.Double(shown.Propensity);
            row.Long(shown.PriceMicros);
            if (number is not null) row.Long(number);
            row.EndRow();
        }
    }

    private static short TypeOf(Event source) => source switch
    {
        ItemUpserted => Item,
        UserUpserted => User,
        Recs.Domain.Events.Impression => Impression,
        Recs.Domain.Events.Interaction => Interaction,
        _ => throw new InvalidOperationException($"the set of events is closed, yet {source.GetType().Name} came"),
    };
}
