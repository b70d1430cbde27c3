using System.Text.Json;
using Recs.Domain.Events;
using Recs.Domain.Items;

namespace Recs.Domain.Wire;

/// <summary>From an event to the wire's object.</summary>
internal static class EventWriter
{
    public static WireEvent Write(Event source)
    {
        var wire = new WireEvent { EventId = source.Id.Value, Schema = EventCodec.Schema, Time = source.Time.ToString() };
        switch (source)
        {
            case ItemUpserted item:
                wire.Type = "item";
                WriteItem(wire, item.Item);
                break;
            case UserUpserted user:
                wire.Type = "user";
                wire.User = user.User.Value;
                wire.Attributes = Attributes(user.Attributes);
                break;
            case Impression impression:
                wire.Type = "impression";
                wire.RequestId = impression.Request.Value;
                wire.User = impression.User.Value;
                wire.Surface = impression.Surface;
                wire.Items = [.. impression.Items.Select(shown => new WireShown
                {
                    Item = shown.Item.Value,
                    Position = shown.Position,
                    Propensity = shown.Propensity,
                    PriceMicros = shown.PriceMicros == 0 ? null : shown.PriceMicros,
                })];
                break;
            case Interaction interaction:
                wire.Type = "interaction";
                wire.RequestId = interaction.Request?.Value;
                wire.User = interaction.User.Value;
                wire.Item = interaction.Item.Value;
                wire.Action = ActionNames.Of(interaction.Action);
                wire.ValueMicros = interaction.ValueMicros == 0 ? null : interaction.ValueMicros;
                wire.DwellMs = interaction.DwellMilliseconds == 0 ? null : interaction.DwellMilliseconds;
                break;
            default:
                throw new InvalidOperationException($"the set of events is closed, yet {source.GetType().Name} came");
        }
        return wire;
    }

    private static void WriteItem(WireEvent wire, Item item)
    {
        wire.Item = item.Id.Value;
        wire.Kind = item.Ad is null ? "content" : "ad";
        wire.Title = item.Title;
        wire.Body = item.Body.Length == 0 ? null : item.Body;
        wire.Category = item.Category.Length == 0 ? null : item.Category;
        wire.Author = item.Author.Length == 0 ? null : item.Author;
        wire.Tags = item.Tags.Count == 0 ? null : [.. item.Tags];
        wire.Attributes = Attributes(item.Attributes);
        wire.Status = item.Status switch { ItemStatus.Active => "active", ItemStatus.Paused => "paused", _ => "deleted" };
        wire.Created = item.Created?.ToString();
        if (item.Ad is not { } ad) return;
        wire.Advertiser = ad.Advertiser.Value;
        wire.Promotes = ad.Promotes?.Value;
        wire.Bid = new WireBid
        {
            Per = ad.Bid.Per switch { BidUnit.Click => "click", BidUnit.Conversion => "conversion", _ => "thousand" },
            Micros = ad.Bid.Micros,
        };
        wire.DailyBudgetMicros = ad.DailyBudgetMicros;
        wire.Targeting = ad is { Countries.Count: 0, Surfaces.Count: 0, Categories.Count: 0, Hours.Count: 0 } ? null : new WireTargeting
        {
            Countries = Names(ad.Countries),
            Surfaces = Names(ad.Surfaces),
            Categories = Names(ad.Categories),
            Hours = ad.Hours.Count == 0 ? null : [.. ad.Hours],
        };
        wire.Starts = ad.Starts?.ToString();
        wire.Ends = ad.Ends?.ToString();
        wire.UserDailyCap = ad.UserDailyCap;
    }

    private static List<string?>? Names(IReadOnlyList<string> names) => names.Count == 0 ? null : [.. names];

    // A value that reads as a JSON number is written as one, so that a price stays a number on the wire.
    private static Dictionary<string, JsonElement>? Attributes(AttributeSet attributes) => attributes.Count == 0 ? null
        : attributes.ToDictionary(pair => pair.Key, pair => IsJsonNumber(pair.Value)
            ? JsonElement.Parse(pair.Value)
            : JsonSerializer.SerializeToElement(pair.Value, WireContext.Default.String));

    private static bool IsJsonNumber(string value)
    {
        if (value.Length is 0 or > 40 || !(char.IsAsciiDigit(value[^1]) && (value[0] == '-' || char.IsAsciiDigit(value[0])))) return false;
        try
        {
            return JsonElement.Parse(value).ValueKind == JsonValueKind.Number;
        }
        catch (JsonException)
        {
            return false; // such as 007
        }
    }
}
