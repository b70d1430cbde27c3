using Recs.Domain;
using Recs.Storage.DuckDb;
using Recs.Storage.Postgres;

namespace Recs.Storage;

/// <summary>Opens a store by its URL.</summary>
public static class EventStore
{
    internal const string Expected = "expected duckdb:FILE, duckdb::memory: or postgres://user:password@host:port/database";

    /// <summary>
    /// Opens <c>duckdb:FILE</c> (made when missing), <c>duckdb::memory:</c> or <c>postgres://user:password@host:port/database</c>.
    /// The schema is untouched until <see cref="IEventStore.Migrate"/>.
    /// </summary>
    /// <param name="url">Where the store is. Its password never reaches a message.</param>
    /// <exception cref="RefusedException">The URL is wrong, the server does not answer, or the file is broken or in use by another process.</exception>
    public static IRecsStore Open(string url)
    {
        ArgumentNullException.ThrowIfNull(url);
        if (url.StartsWith("duckdb:", StringComparison.OrdinalIgnoreCase)) return new DuckDbEventStore(DuckDbFile.Open(url["duckdb:".Length..]));
        if (PostgresUrl.IsOne(url)) return new PostgresEventStore(PostgresUrl.Parse(url));
        throw new RefusedException($"the store URL '{PostgresUrl.WithoutSecrets(url)}' is none that Recs knows; {Expected}");
    }
}
