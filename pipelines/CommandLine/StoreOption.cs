using System.CommandLine;
using Recs.Domain;
using Recs.Storage;

namespace Recs.Pipelines.CommandLine;

/// <summary><c>--db URL</c>, and how a verb opens a store that must be there already.</summary>
internal static class StoreOption
{
    private const string DuckDb = "duckdb:";

    public static Option<string> Create(bool required = true) =>
        new("--db") { Description = "The store: duckdb:FILE or postgres://user:password@host:port/database.", HelpName = "URL", Required = required };

    /// <summary>Whether the store is a file, which belongs to one process.</summary>
    public static bool IsFile(string url) => url.StartsWith(DuckDb, StringComparison.OrdinalIgnoreCase);

    /// <summary>Opens the store of <paramref name="url"/> at this build's schema version.</summary>
    /// <exception cref="RefusedException">There is no such file: a question must not make an empty store out of a mistyped name.</exception>
    public static IRecsStore OpenExisting(string url)
    {
        if (IsFile(url) && url[DuckDb.Length..] is { Length: > 0 } path && path != ":memory:" && !Path.Exists(path))
            throw new RefusedException($"there is no store {Path.GetFullPath(path)}; name one that is there, or make it with recs migrate --db {url}");
        var store = EventStore.Open(url);
        try
        {
            store.Migrate();
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }
}
