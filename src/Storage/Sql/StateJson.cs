using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Recs.Storage.Sql;

/// <summary>The offsets beside a kept state, as JSON: <c>{"group": {"topic/partition": next}}</c>. A topic's name holds no slash.</summary>
[JsonSerializable(typeof(Dictionary<string, Dictionary<string, long>>))]
internal sealed partial class StateJson : JsonSerializerContext
{
    public static string Write(IReadOnlyDictionary<GroupPartition, long> offsets) => JsonSerializer.Serialize(
        offsets.GroupBy(place => place.Key.Group).ToDictionary(
            group => group.Key,
            group => group.ToDictionary(place => string.Create(CultureInfo.InvariantCulture, $"{place.Key.Partition.Topic}/{place.Key.Partition.Partition}"), place => place.Value)),
        Default.DictionaryStringDictionaryStringInt64);

    /// <returns>Null where they were written in another form.</returns>
    public static IReadOnlyDictionary<GroupPartition, long>? Read(string json)
    {
        try
        {
            var groups = JsonSerializer.Deserialize(json, Default.DictionaryStringDictionaryStringInt64)!;
            return groups.SelectMany(group => group.Value.Select(place => (Group: group.Key, Place: place.Key, Next: place.Value)))
                .ToDictionary(entry => new GroupPartition(entry.Group, Partition(entry.Place)), entry => entry.Next);
        }
        catch (Exception other) when (other is JsonException or FormatException)
        {
            return null;
        }
    }

    private static StreamPartition Partition(string place)
    {
        var slash = place.LastIndexOf('/');
        return slash < 0 ? throw new FormatException(place) : new(place[..slash], int.Parse(place.AsSpan(slash + 1), CultureInfo.InvariantCulture));
    }
}
