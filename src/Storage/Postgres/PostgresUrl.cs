using System.Globalization;
using Npgsql;
using Recs.Domain;

namespace Recs.Storage.Postgres;

/// <summary>A PostgreSQL server by its URL: <c>postgres://user:password@host:port/database?sslmode=require</c>.</summary>
/// <param name="Name">The URL without its password.</param>
/// <param name="ConnectionString">For Npgsql; secret.</param>
internal sealed record PostgresUrl(string Name, string ConnectionString)
{
    private const string Options = "host (a folder with the server's socket), sslmode, connect_timeout (seconds)";
    private static readonly string[] Schemes = ["postgres://", "postgresql://"];

    public static bool IsOne(string url) => Schemes.Any(scheme => url.StartsWith(scheme, StringComparison.OrdinalIgnoreCase));

    /// <summary>Parts with signs of their own (: / @ ? %) are percent-encoded, as everywhere in URLs.</summary>
    /// <exception cref="RefusedException">It is not such a URL.</exception>
    public static PostgresUrl Parse(string url)
    {
        var rest = url[(url.IndexOf("://", StringComparison.Ordinal) + 3)..];
        var (place, query) = Split(rest, rest.IndexOf('?', StringComparison.Ordinal));
        var (authority, database) = Split(place, place.IndexOf('/', StringComparison.Ordinal));
        var at = authority.LastIndexOf('@');
        var (user, password) = at < 0 ? ("", "") : Split(authority[..at], authority.IndexOf(':', StringComparison.Ordinal) is var colon && colon < at ? colon : -1);
        var (host, port) = HostAndPort(authority[(at + 1)..], url);
        var settings = new NpgsqlConnectionStringBuilder
        {
            Host = host.Length == 0 ? "localhost" : Uri.UnescapeDataString(host),
            Port = port,
            Username = Uri.UnescapeDataString(user),
            Password = password.Length == 0 ? null : Uri.UnescapeDataString(password),
            Database = Uri.UnescapeDataString(database),
            ApplicationName = "recs",
            Pooling = false, // one connection a store, kept open
            IncludeErrorDetail = false,
            CommandTimeout = 600, // seconds; reports read whole tables
        };
        foreach (var option in query.Split('&', StringSplitOptions.RemoveEmptyEntries)) Apply(settings, option, url);
        if (settings.Username.Length == 0) throw Wrong(url, "names no user");
        if (settings.Database.Length == 0) throw Wrong(url, "names no database");
        var where = settings.Host.StartsWith('/') ? $"/{settings.Database}?host={settings.Host}" : $"{settings.Host}:{settings.Port}/{settings.Database}";
        return new($"postgres://{settings.Username}@{where}", settings.ConnectionString);
    }

    /// <summary>Any text that was meant as a URL, without what stands between the scheme and the last @.</summary>
    public static string WithoutSecrets(string url)
    {
        var at = url.LastIndexOf('@');
        var begin = url.IndexOf("://", StringComparison.Ordinal);
        return at < 0 ? url : begin < 0 || begin > at ? "…" + url[at..] : url[..(begin + 3)] + "…" + url[at..];
    }

    private static void Apply(NpgsqlConnectionStringBuilder settings, string option, string url)
    {
        var (name, encoded) = Split(option, option.IndexOf('=', StringComparison.Ordinal));
        var value = Uri.UnescapeDataString(encoded);
        switch (name)
        {
            case "host" when value.Length > 0:
                settings.Host = value;
                break;
            case "sslmode" when Enum.TryParse<SslMode>(value.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out var mode):
                settings.SslMode = mode;
                break;
            case "connect_timeout" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= 1_024:
                settings.Timeout = seconds;
                break;
            case "host" or "sslmode" or "connect_timeout":
                throw Wrong(url, $"has the option {name} with a value it cannot have, '{value}'");
            default:
                throw Wrong(url, $"has an unknown option '{name}'; known are {Options}");
        }
    }

    private static (string Host, int Port) HostAndPort(string text, string url)
    {
        var colon = text.EndsWith(']') ? -1 : text.LastIndexOf(':');
        var (host, port) = Split(text, colon);
        if (port.Length == 0) return (host.Trim('[', ']'), 5432);
        return int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and < 65_536
            ? (host.Trim('[', ']'), number)
            : throw Wrong(url, "has a port that is no number from 1 to 65535");
    }

    private static (string Before, string After) Split(string text, int at) => at < 0 ? (text, "") : (text[..at], text[(at + 1)..]);

    private static RefusedException Wrong(string url, string what) => new($"the store URL '{WithoutSecrets(url)}' {what}; {EventStore.Expected}");
}
