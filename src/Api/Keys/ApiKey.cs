using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Recs.Api.Keys;

/// <summary>What a key lets its holder do.</summary>
[Flags]
public enum ApiScopes
{
    /// <summary>Nothing.</summary>
    None = 0,
    /// <summary>Slates, similar items and embeddings.</summary>
    Rank = 1,
    /// <summary>Publishing events.</summary>
    Events = 2,
    /// <summary>Everything: the other two, ranking as of another time, erasure, decisions and metrics.</summary>
    Admin = 4,
}

/// <summary>A key as the server keeps it: whoever reads this cannot call the server.</summary>
/// <param name="Id">8 hex digits; also part of the key itself, for finding it and for logs.</param>
/// <param name="Scopes">What it lets its holder do.</param>
/// <param name="Sha256">Of the whole key's UTF-8 bytes, 64 hex digits. A plain hash is enough for 256 random bits: nothing can be guessed.</param>
public sealed record ApiKey(string Id, ApiScopes Scopes, string Sha256)
{
    private const string Prefix = "recs_";
    private const int IdLength = 8, SecretBytes = 32, SecretLength = 43;

    /// <summary>When it was made, for people; null where not known.</summary>
    public string? Created { get; init; }

    /// <summary>Requests a second, with twice as many at once; 0 is no limit. Null: the server's own.</summary>
    public int? RequestsPerSecond { get; init; }

    /// <summary>Makes a key of 256 bits from the system's source of randomness.</summary>
    /// <param name="scopes">What it lets its holder do.</param>
    /// <returns>What the server keeps, and the key itself, which is nowhere else.</returns>
    public static (ApiKey Kept, string Key) Create(ApiScopes scopes)
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdLength / 2));
        var key = $"{Prefix}{id}_{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes))}";
        return (new(id, scopes, Convert.ToHexStringLower(Hash(key))), key);
    }

    /// <summary>Whether <paramref name="scope"/> is granted.</summary>
    public bool May(ApiScopes scope) => scope == ApiScopes.None || (Scopes & (scope | ApiScopes.Admin)) != 0;

    /// <summary>The id within a key, or null for a text that is none.</summary>
    internal static string? IdOf(string key) =>
        key.Length == Prefix.Length + IdLength + 1 + SecretLength && key.StartsWith(Prefix, StringComparison.Ordinal) && key[Prefix.Length + IdLength] == '_'
            ? key.Substring(Prefix.Length, IdLength) : null;

    internal static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
