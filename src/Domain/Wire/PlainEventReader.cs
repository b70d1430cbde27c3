using System.Text;
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

    // Each is compared with those before it.
    private const int MostItems = 64;

    [ThreadStatic]
    private static List<ShownItem>? _list;

    // Events of one request come one after the other.
    [ThreadStatic]
    private static string? _lastRequest;

    private PlainJson _json;
    private Fields _seen;
    private bool _isImpression;
    private string? _id, _user, _request, _surface, _item;
    private Timestamp _time;
    private InteractionType _action;
    private long _value, _dwell;
    private ShownItem[]? _items;

    private PlainEventReader(ReadOnlySpan<byte> json) => _json = new PlainJson(json);

    [Flags]
    private enum Fields
    {
        None = 0, Type = 1, Id = 2, Schema = 4, Time = 8, User = 16, Request = 32, Surface = 64, Items = 128, Item = 256, Action = 512, Value = 1_024, Dwell = 2_048,
        Common = Type | Id | Schema | Time | User,
    }

    /// <returns>The event; null for whatever is not plain.</returns>
    public static Event? Read(ReadOnlySpan<byte> json, Timestamp latest) => new PlainEventReader(json).Read(latest);

    private Event? Read(Timestamp latest)
    {
        if (!_json.Take('{')) return null;
        do
            if (!ReadField(latest)) return null;
        while (_json.Take(','));
        if (!_json.Take('}') || !_json.IsAtEnd() || (_seen & Fields.Common) != Fields.Common) return null;
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
        if (!_json.TakeText(out var name) || !_json.Take(':')) return false;
        var field = FieldOf(name);
        if (field == Fields.None || (_seen & field) != 0) return false;
        _seen |= field;
        switch (field)
        {
            case Fields.Type:
                if (!_json.TakeText(out var type)) return false;
                _isImpression = type.SequenceEqual("impression"u8);
                return _isImpression || type.SequenceEqual("interaction"u8);
            case Fields.Schema:
                return _json.TakeWhole(out var schema) && schema == EventCodec.Schema;
            case Fields.Time:
                return _json.TakeTime(out _time) && _time <= latest;
            case Fields.Id:
                return TakeName(out var id) && (_id = PlainJson.Decode(id)) is not null;
            case Fields.Request:
                return TakeName(out var request) && (_request = Request(request)) is not null;
            case Fields.User:
                return TakeName(out var user) && (_user = Pooled(user)) is not null;
            case Fields.Item:
                return TakeName(out var item) && (_item = Pooled(item)) is not null;
            case Fields.Surface:
                return TakeName(out var surface) && (_surface = Pooled(surface)) is not null;
            case Fields.Action:
                return _json.TakeText(out var action) && ActionNames.Parse(Pooled(action)) is { } known && (_action = known) != 0;
            case Fields.Value:
                return TakeNumber(EventLimits.Micros, out _value);
            case Fields.Dwell:
                return TakeNumber(EventLimits.DwellMilliseconds, out _dwell);
            default:
                return ReadItems();
        }
    }

    private bool ReadItems()
    {
        if (!_json.Take('[')) return false;
        var list = _list ??= [];
        list.Clear();
        do
            if (list.Count == MostItems || !ReadShown(list)) return false;
        while (_json.Take(','));
        if (!_json.Take(']')) return false;
        _items = [.. list];
        return true;
    }

    private bool ReadShown(List<ShownItem> list)
    {
        if (!_json.Take('{')) return false;
        string? item = null;
        var position = list.Count + 1L;
        double? propensity = null;
        var price = 0L;
        var seen = 0;
        do
        {
            if (!_json.TakeText(out var name) || !_json.Take(':')) return false;
            var field = name.SequenceEqual("item"u8) ? 1 : name.SequenceEqual("position"u8) ? 2 : name.SequenceEqual("propensity"u8) ? 4 : name.SequenceEqual("price_micros"u8) ? 8 : 0;
            if (field == 0 || (seen & field) != 0) return false;
            seen |= field;
            switch (field)
            {
                case 1:
                    if (!TakeName(out var text)) return false;
                    item = Pooled(text);
                    break;
                case 2:
                    if (!_json.TakeWhole(out position) || position is < 1 or > EventLimits.ListLength) return false;
                    break;
                case 4:
                    if (_json.TakeNull()) break;
                    if (!_json.TakeDouble(out var chance) || chance is not (> 0 and <= 1)) return false;
                    propensity = chance;
                    break;
                default:
                    if (!TakeNumber(EventLimits.Micros, out price)) return false;
                    break;
            }
        }
        while (_json.Take(','));
        if (!_json.Take('}') || item is null) return false;
        foreach (var other in list)
            if (other.Item.Value == item) return false;
        list.Add(new ShownItem(new ItemId(item), (int)position, propensity, price));
        return true;
    }

    private bool TakeNumber(long limit, out long value)
    {
        if (_json.TakeWhole(out value)) return value <= limit;
        value = 0;
        return _json.TakeNull();
    }

    private bool TakeName(out ReadOnlySpan<byte> name) => _json.TakeText(out name) && name.Length is > 0 and <= EventLimits.NameLength;

    private static string? Pooled(ReadOnlySpan<byte> name) => NamePool.Find(name) ?? PlainJson.Decode(name);

    private static string? Request(ReadOnlySpan<byte> name) => _lastRequest is { } last && Ascii.Equals(name, last) ? last : _lastRequest = PlainJson.Decode(name);

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
