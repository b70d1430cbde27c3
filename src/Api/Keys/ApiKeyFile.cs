using System.Text.Json;
using System.Text.Json.Serialization;
using Recs.Domain;

namespace Recs.Api.Keys;

/// <summary>The file of API keys: <c>{"keys":[{"id","scopes","sha256","created","requests_per_second"}]}</c>. It holds hashes only.</summary>
public static class ApiKeyFile
{
    /// <summary>Keys of a file, at most.</summary>
    public const int Most = 10_000;

    private static readonly (string Name, ApiScopes Scope)[] Names = [("rank", ApiScopes.Rank), ("events", ApiScopes.Events), ("admin", ApiScopes.Admin)];

    /// <summary>Reads a file.</summary>
    /// <exception cref="RefusedException">It is not there or not readable, or an entry is not a key.</exception>
    public static IReadOnlyList<ApiKey> Read(string path)
    {
        KeyList? list;
        try
        {
            list = JsonSerializer.Deserialize(File.ReadAllBytes(path), KeyJson.Default.KeyList);
        }
        catch (Exception broken) when (broken is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new RefusedException($"{path}: no file of API keys ({broken.Message.ReplaceLineEndings(" ")}); recs keys create --scope rank --file {path} makes one", broken);
        }
        if (list?.Keys is not { } entries) throw new RefusedException($"{path}: no file of API keys (there is no \"keys\"); recs keys create --scope rank --file {path} makes one");
        if (entries.Count > Most) throw new RefusedException($"{path}: {entries.Count} keys, limit {Most}");
        var keys = entries.Select((entry, at) => Key(entry) ?? throw new RefusedException($"{path}: keys[{at}] is no key: expected an id of 8 hex digits, scopes among rank, events and admin, a sha256 of 64 hex digits, and requests_per_second of 0 to 1000000 or none")).ToList();
        return keys.GroupBy(key => key.Id).FirstOrDefault(same => same.Count() > 1) is { } twice ? throw new RefusedException($"{path}: the id '{twice.Key}' is there twice; make another key") : keys;
    }

    /// <summary>The text of a file, whole lines.</summary>
    public static string Text(IEnumerable<ApiKey> keys) => JsonSerializer.Serialize(
        new KeyList([.. keys.Select(key => new KeyEntry(key.Id, [.. Words(key.Scopes)], key.Sha256, key.Created, key.RequestsPerSecond))]), KeyJson.Default.KeyList) + "\n";

    /// <summary>Scopes by their names, or null where a name is none.</summary>
    public static ApiScopes? Scopes(IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        var scopes = ApiScopes.None;
        foreach (var name in names)
        {
            var known = Names.FirstOrDefault(pair => pair.Name == name);
            if (known.Name is null) return null;
            scopes |= known.Scope;
        }
        return scopes == ApiScopes.None ? null : scopes;
    }

    /// <summary>The names of scopes.</summary>
    public static IEnumerable<string> Words(ApiScopes scopes) => Names.Where(pair => scopes.HasFlag(pair.Scope)).Select(pair => pair.Name);

    private static ApiKey? Key(KeyEntry? entry) =>
        entry is { Id: { Length: 8 } id, Sha256: { Length: 64 } hash, Scopes: { } names, RequestsPerSecond: null or (>= 0 and <= 1_000_000) }
        && id.All(char.IsAsciiHexDigitLower) && hash.All(char.IsAsciiHexDigitLower) && Scopes(names) is { } scopes
            ? new(id, scopes, hash) { Created = entry.Created, RequestsPerSecond = entry.RequestsPerSecond } : null;
}

internal sealed record KeyList(IReadOnlyList<KeyEntry?>? Keys);

internal sealed record KeyEntry(string? Id, IReadOnlyList<string>? Scopes, string? Sha256, string? Created, int? RequestsPerSecond);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true, MaxDepth = 8)]
[JsonSerializable(typeof(KeyList))]
internal sealed partial class KeyJson : JsonSerializerContext;
