using System.Text.Json;
using Recs.Domain.Events;
using Recs.Domain.Items;
using static Recs.Domain.Wire.FieldReader;

namespace Recs.Domain.Wire;

/// <summary>From the wire's loose object to an event that holds every invariant.</summary>
internal static class EventReader
{
    /// <exception cref="InvalidFieldException">A field is missing or out of range.</exception>
    public static Event Read(WireEvent wire, Timestamp latest)
    {
        if (wire.Type is not ("item" or "user" or "impression" or "interaction"))
            throw new InvalidFieldException(new(RejectionReason.UnknownType,
                $"type is '{Shortened(wire.Type ?? "")}', expected item, user, impression or interaction"));
        if (wire.Schema != EventCodec.Schema)
            throw new InvalidFieldException(new(RejectionReason.UnknownSchema, $"schema is {wire.Schema?.ToString() ?? "missing"}, this build reads {EventCodec.Schema}"));
        var id = new EventId(Name(wire.EventId, "event_id"));
        var time = Time(wire.Time, "time", latest);
        return wire.Type switch
        {
            "item" => new ItemUpserted(id, time, ReadItem(wire)),
            "user" => new UserUpserted(id, time, new UserId(Name(wire.User, "user")), ReadAttributes(wire)),
            "impression" => new Impression(id, time, new RequestId(Name(wire.RequestId, "request_id")), new UserId(Name(wire.User, "user")),
                NameOrEmpty(wire.Surface, "surface"), ReadShown(wire)),
            _ => ReadInteraction(wire, id, time),
        };
    }

    private static Item ReadItem(WireEvent wire) => new()
    {
        Id = new ItemId(Name(wire.Item, "item")),
        Title = TextOrEmpty(wire.Title, "title"),
        Body = TextOrEmpty(wire.Body, "body"),
        Category = NameOrEmpty(wire.Category, "category"),
        Author = NameOrEmpty(wire.Author, "author"),
        Tags = [.. List(wire.Tags, "tags").Select(tag => NameOrEmpty(tag, "tags"))],
        Attributes = ReadAttributes(wire),
        Status = wire.Status switch
        {
            null or "active" => ItemStatus.Active,
            "paused" => ItemStatus.Paused,
            "deleted" => ItemStatus.Deleted,
            _ => throw Invalid("status", $"is '{Shortened(wire.Status)}', expected active, paused or deleted"),
        },
        Created = wire.Created is null ? null : Time(wire.Created, "created", new Timestamp(long.MaxValue)),
        Ad = wire.Kind switch
        {
            "content" => null,
            "ad" => ReadAd(wire),
            null => throw Missing("kind"),
            _ => throw Invalid("kind", $"is '{Shortened(wire.Kind)}', expected content or ad"),
        },
    };

    private static Ad ReadAd(WireEvent wire) => new(
        new AdvertiserId(Name(wire.Advertiser, "advertiser")),
        string.IsNullOrEmpty(wire.Promotes) ? null : new ItemId(Name(wire.Promotes, "promotes")),
        new Bid(
            wire.Bid?.Per switch
            {
                "click" => BidUnit.Click,
                "conversion" => BidUnit.Conversion,
                "thousand" => BidUnit.Thousand,
                null => throw Missing("bid.per"),
                _ => throw Invalid("bid.per", $"is '{Shortened(wire.Bid.Per)}', expected click, conversion or thousand"),
            },
            wire.Bid.Micros is null ? throw Missing("bid.micros") : Micros(wire.Bid.Micros, "bid.micros")),
        wire.DailyBudgetMicros is null ? throw Missing("daily_budget_micros") : Micros(wire.DailyBudgetMicros, "daily_budget_micros"),
        Names(wire.Targeting?.Countries, "targeting.countries"))
    {
        Surfaces = Names(wire.Targeting?.Surfaces, "targeting.surfaces"),
        Categories = Names(wire.Targeting?.Categories, "targeting.categories"),
        Hours = [.. List(wire.Targeting?.Hours, "targeting.hours").Select(hour => hour is >= 0 and <= 23 ? hour : throw Invalid("targeting.hours", $"has {hour}, range 0 to 23"))],
        Starts = wire.Starts is null ? null : Time(wire.Starts, "starts", new Timestamp(long.MaxValue)),
        Ends = wire.Ends is null ? null : Time(wire.Ends, "ends", new Timestamp(long.MaxValue)),
        UserDailyCap = wire.UserDailyCap is < 1 ? throw Invalid("user_daily_cap", $"is {wire.UserDailyCap}, at least 1") : wire.UserDailyCap,
    };

    private static string[] Names(List<string?>? names, string field) => [.. List(names, field).Select(name => Name(name, field))];

    private static AttributeSet ReadAttributes(WireEvent wire)
    {
        if (wire.Attributes is not { Count: > 0 } attributes) return AttributeSet.Empty;
        if (attributes.Count > EventLimits.ListLength) throw Invalid("attributes", $"has {attributes.Count} entries, limit {EventLimits.ListLength}");
        return new(attributes.Select(pair => KeyValuePair.Create(Name(pair.Key, "attributes"), pair.Value.ValueKind switch
        {
            JsonValueKind.String => TextOrEmpty(pair.Value.GetString(), $"attributes.{pair.Key}"),
            JsonValueKind.Number => TextOrEmpty(pair.Value.GetRawText(), $"attributes.{pair.Key}"),
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            _ => throw Invalid($"attributes.{Shortened(pair.Key)}", "is neither text nor a number nor true or false"),
        })));
    }

    private static ShownItem[] ReadShown(WireEvent wire)
    {
        var items = List(wire.Items, "items");
        if (items.Count == 0) throw Missing("items");
        var shown = new ShownItem[items.Count];
        var seen = new HashSet<string>(items.Count, StringComparer.Ordinal);
        for (var i = 0; i < shown.Length; i++)
        {
            var entry = items[i] ?? throw Missing("items");
            var item = Name(entry.Item, "items.item");
            if (!seen.Add(item)) throw Invalid("items.item", $"has '{Shortened(item)}' twice");
            var position = entry.Position ?? i + 1;
            if (position is < 1 or > EventLimits.ListLength) throw Invalid("items.position", $"is {position}, range 1 to {EventLimits.ListLength}");
            if (entry.Propensity is { } propensity && propensity is not (> 0 and <= 1)) throw Invalid("items.propensity", $"is {propensity}, range above 0 to 1");
            shown[i] = new(new ItemId(item), position, entry.Propensity, Micros(entry.PriceMicros, "items.price_micros"));
        }
        return shown;
    }

    private static Interaction ReadInteraction(WireEvent wire, EventId id, Timestamp time)
    {
        var action = ActionNames.Parse(wire.Action) ?? throw (wire.Action is null ? Missing("action")
            : Invalid("action", $"is '{Shortened(wire.Action)}', expected one of {ActionNames.All}"));
        var dwell = wire.DwellMs ?? 0;
        if (dwell is < 0 or > EventLimits.DwellMilliseconds) throw Invalid("dwell_ms", $"is {dwell}, range 0 to {EventLimits.DwellMilliseconds}");
        return new(id, time,
            string.IsNullOrEmpty(wire.RequestId) ? null : new RequestId(Name(wire.RequestId, "request_id")),
            new UserId(Name(wire.User, "user")), new ItemId(Name(wire.Item, "item")), action,
            Micros(wire.ValueMicros, "value_micros"), dwell);
    }
}
