using System.Text.Json;
using Recs.Domain.Events;

namespace Recs.Domain.Wire;

/// <summary>
/// Reads impressions and interactions, the events that come by the million, straight from their bytes. It takes what is written plainly: known fields,
/// each once, without escapes, times in UTC. Whatever else comes it leaves to <see cref="EventReader"/>, which reads everything and says what is wrong with the rest;
/// so it accepts nothing that the other one refuses, and gives equal events.
/// </summary>
internal ref struct PlainEventReader
{
    private const Fields OfImpression = Fields.Common | Fields.Request | Fields.Surface | Fields.Items;
    private const Fields OfInteraction = Fields.Common | Fields.Request | Fields.Item | Fields.Action | Fields.Value | Fields.Dwell;

    [ThreadStatic]
    private static List<ShownItem>? _list;

    private Utf8JsonReader _json;
    private Fields _seen;
    private bool _isImpression;
    private string? _id, _user, _request, _surface, _item;
    private Timestamp _time;
    private InteractionType _action;
    private long _value, _dwell;
    private ShownItem[]? _items;

    private PlainEventReader(ReadOnlySpan<byte> json) => _json = new Utf8JsonReader(json);

    [Flags]
    private enum Fields
    {
        None = 0, Type = 1, Id = 2, Schema = 4, Time = 8, User = 16, Request = 32, Surface = 64, Items = 128, Item = 256, Action = 512, Value = 1_024, Dwell = 2_048,
        Common = Type | Id | Schema | Time | User,
    }

    /// <returns>The event; null for whatever is not plain.</returns>
    public static Event? Read(ReadOnlySpan<byte> json, Timestamp latest)
    {
        try
        {
            return new PlainEventReader(json).Read(latest);
        }
        catch (Exception unclear) when (unclear is JsonException or InvalidOperationException) // the second: bytes that are no UTF-8
        {
            return null;
        }
    }

    private Event? Read(Timestamp latest)
    {
        if (!_json.Read() || _json.TokenType != JsonTokenType.StartObject) return null;
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
            if (!ReadField(latest)) return null;
        if (_json.TokenType != JsonTokenType.EndObject || _json.Read()) return null;
        if ((_seen & Fields.Common) != Fields.Common) return null;
        if (_isImpression)
            return (_seen & ~OfImpression) == 0 && _items is not null && _request is not null
                ? new Impression(new EventId(_id!), _time, new RequestId(_request), new UserId(_user!), _surface ?? "", _items)
                : null;
        return (_seen & ~OfInteraction) == 0 && _item is not null && _action != 0
            ? new Interaction(new EventId(_id!), _time, _request is null ? null : new RequestId(_request), new UserId(_user!), new ItemId(_item), _action, _value, _dwell)
            : null;
    }

    private bool ReadField(Timestamp latest)
    {
        var field = _json.ValueIsEscaped ? Fields.None : FieldOf(_json.ValueSpan);
        if (field == Fields.None || (_seen & field) != 0 || !_json.Read()) return false;
        _seen |= field;
        switch (field)
        {
            case Fields.Type:
                _isImpression = Is("impression"u8);
                return _isImpression || Is("interaction"u8);
            case Fields.Schema:
                return _json.TokenType == JsonTokenType.Number && _json.TryGetInt32(out var schema) && schema == EventCodec.Schema;
            case Fields.Time:
                return ReadTime(latest);
            case Fields.Id:
                return IsName() && (_id = _json.GetString()) is not null;
            case Fields.Request:
                return IsName() && (_request = _json.GetString()) is not null;
            case Fields.User:
                return IsName() && (_user = Pooled()) is not null;
            case Fields.Item:
                return IsName() && (_item = Pooled()) is not null;
            case Fields.Surface:
                return IsName() && (_surface = Pooled()) is not null;
            case Fields.Action:
                return _json.TokenType == JsonTokenType.String && !_json.ValueIsEscaped && ActionNames.Parse(Pooled()) is { } action && (_action = action) != 0;
            case Fields.Value:
                return ReadNumber(EventLimits.Micros, out _value);
            case Fields.Dwell:
                return ReadNumber(EventLimits.DwellMilliseconds, out _dwell);
            default:
                return ReadItems();
        }
    }

    private readonly bool ReadNumber(long limit, out long value)
    {
        value = 0;
        return _json.TokenType == JsonTokenType.Null || (_json.TokenType == JsonTokenType.Number && _json.TryGetInt64(out value) && value >= 0 && value <= limit);
    }

    private bool ReadTime(Timestamp latest)
    {
        // yyyy-MM-ddTHH:mm:ssZ, with up to seven digits of a second.
        if (_json.TokenType != JsonTokenType.String || _json.ValueIsEscaped || _json.ValueSpan is not { Length: >= 20 and <= 28 } text || text[^1] != 'Z') return false;
        if (!_json.TryGetDateTimeOffset(out var time) || time < DateTimeOffset.UnixEpoch) return false;
        _time = Timestamp.From(time);
        return _time <= latest;
    }

    private bool ReadItems()
    {
        if (_json.TokenType != JsonTokenType.StartArray) return false;
        var list = _list ??= [];
        list.Clear();
        while (_json.Read() && _json.TokenType == JsonTokenType.StartObject)
            if (list.Count == MostItems || !ReadShown(list)) return false;
        if (_json.TokenType != JsonTokenType.EndArray || list.Count == 0) return false;
        _items = [.. list];
        return true;
    }

    // Each is compared with those before it.
    private const int MostItems = 64;

    private bool ReadShown(List<ShownItem> list)
    {
        string? item = null;
        var position = list.Count + 1;
        double? propensity = null;
        var price = 0L;
        var seen = 0;
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            if (_json.ValueIsEscaped) return false;
            var name = _json.ValueSpan;
            var field = name.SequenceEqual("item"u8) ? 1 : name.SequenceEqual("position"u8) ? 2 : name.SequenceEqual("propensity"u8) ? 4 : name.SequenceEqual("price_micros"u8) ? 8 : 0;
            if (field == 0 || (seen & field) != 0 || !_json.Read()) return false;
            seen |= field;
            switch (field)
            {
                case 1:
                    if (!IsName()) return false;
                    item = Pooled();
                    break;
                case 2:
                    if (_json.TokenType != JsonTokenType.Number || !_json.TryGetInt32(out position) || position is < 1 or > EventLimits.ListLength) return false;
                    break;
                case 4:
                    if (_json.TokenType == JsonTokenType.Null) break;
                    if (_json.TokenType != JsonTokenType.Number || !_json.TryGetDouble(out var chance) || chance is not (> 0 and <= 1)) return false;
                    propensity = chance;
                    break;
                default:
                    if (!ReadNumber(EventLimits.Micros, out price)) return false;
                    break;
            }
        }
        if (_json.TokenType != JsonTokenType.EndObject || item is null) return false;
        foreach (var other in list)
            if (other.Item.Value == item) return false;
        list.Add(new ShownItem(new ItemId(item), position, propensity, price));
        return true;
    }

    private readonly bool Is(ReadOnlySpan<byte> text) => _json.TokenType == JsonTokenType.String && !_json.ValueIsEscaped && _json.ValueSpan.SequenceEqual(text);

    private readonly bool IsName() => _json.TokenType == JsonTokenType.String && !_json.ValueIsEscaped && _json.ValueSpan.Length is > 0 and <= EventLimits.NameLength;

    private readonly string? Pooled() => NamePool.Find(_json.ValueSpan) ?? _json.GetString();

    private static Fields FieldOf(ReadOnlySpan<byte> name) => name.Length switch
    {
        4 when name.SequenceEqual("item"u8) => Fields.Item,
        4 when name.SequenceEqual("user"u8) => Fields.User,
        4 when name.SequenceEqual("time"u8) => Fields.Time,
        4 when name.SequenceEqual("type"u8) => Fields.Type,
        5 when name.SequenceEqual("items"u8) => Fields.Items,
        6 when name.SequenceEqual("action"u8) => Fields.Action,
        6 when name.SequenceEqual("schema"u8) => Fields.Schema,
        7 when name.SequenceEqual("surface"u8) => Fields.Surface,
        8 when name.SequenceEqual("event_id"u8) => Fields.Id,
        8 when name.SequenceEqual("dwell_ms"u8) => Fields.Dwell,
        10 when name.SequenceEqual("request_id"u8) => Fields.Request,
        12 when name.SequenceEqual("value_micros"u8) => Fields.Value,
        _ => Fields.None,
    };
}
