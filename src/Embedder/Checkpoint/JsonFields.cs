using System.Text.Json;
using Recs.Domain;

namespace Recs.Embedder.Checkpoint;

/// <summary>Typed fields of a JSON object. Absent and null are the same; numbers may be written as 8 or 8.0; errors name file and field.</summary>
internal readonly struct JsonFields(JsonElement element, string path)
{
    public string Path => path;

    public bool IsObject => element.ValueKind == JsonValueKind.Object;

    /// <summary>The field's value, or null when it is absent or null.</summary>
    public JsonElement? Find(string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public bool IsNull(string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Null;

    public JsonFields? Object(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } value => new JsonFields(value, path),
        { } other => throw Wrong(name, other, "an object"),
    };

    /// <summary>The objects of an array; empty when the field is absent.</summary>
    public JsonFields[] Objects(string name)
    {
        if (Find(name) is not { } value) return [];
        if (value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.Object)) throw Wrong(name, value, "an array of objects");
        var objects = new List<JsonFields>();
        foreach (var item in value.EnumerateArray()) objects.Add(new JsonFields(item, path));
        return [.. objects];
    }

    public string? Text(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } value => value.GetString(),
        { } other => throw Wrong(name, other, "a string"),
    };

    /// <summary>true, false, or a number (old files): not zero means true.</summary>
    public bool? Flag(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { ValueKind: JsonValueKind.Number } value => value.GetDouble() != 0,
        { } other => throw Wrong(name, other, "true or false"),
    };

    public double? Number(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } value when value.TryGetDouble(out var number) && double.IsFinite(number) => number,
        { } other => throw Wrong(name, other, "a number"),
    };

    /// <summary>A whole number of at least <paramref name="least"/>.</summary>
    public int? Whole(string name, int least) => Number(name) switch
    {
        null => null,
        { } number when number == Math.Floor(number) && number >= least && number <= int.MaxValue => (int)number,
        _ => throw Wrong(name, Find(name)!.Value, $"a whole number of at least {least}"),
    };

    public int RequireWhole(string name, int least) => Whole(name, least) ?? throw Missing(name);

    public int[]? Wholes(string name)
    {
        if (Find(name) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Array) throw Wrong(name, value, "an array of whole numbers");
        var numbers = new List<int>();
        foreach (var item in value.EnumerateArray()) numbers.Add(ReadWhole(name, item));
        return [.. numbers];
    }

    public string[]? Texts(string name)
    {
        if (Find(name) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String)) throw Wrong(name, value, "an array of strings");
        return [.. value.EnumerateArray().Select(item => item.GetString()!)];
    }

    public RefusedException Missing(string name) => new($"{path}: field {name} is missing");

    public RefusedException Refuse(string name, string found, string expected) => new($"{path}: field {name} is {found}; expected {expected}");

    private RefusedException Wrong(string name, JsonElement found, string expected)
    {
        var text = found.GetRawText();
        return Refuse(name, text.Length > 60 ? text[..60] + "…" : text, expected);
    }

    private int ReadWhole(string name, JsonElement item) => item.ValueKind switch
    {
        JsonValueKind.True => 1,
        JsonValueKind.False => 0,
        JsonValueKind.Number when item.TryGetDouble(out var number) && number == Math.Floor(number) && Math.Abs(number) < int.MaxValue => (int)number,
        _ => throw Wrong(name, item, "an array of whole numbers"),
    };
}
