using Recs.Storage;

namespace Recs.Tests;

/// <summary>An empty database of one engine; opened several times it is the same one. Gone when disposed.</summary>
internal sealed class TestDatabase : IDisposable
{
    private static int _count;
    private readonly string? _folder;

    private TestDatabase(string url, string? folder)
    {
        Url = url;
        _folder = folder;
    }

    public static TestDatabase DuckDb()
    {
        var folder = Directory.CreateTempSubdirectory("recs-duckdb-").FullName;
        return new($"duckdb:{folder}/events.duckdb", folder);
    }

    /// <summary>A database of its own on the private server.</summary>
    public static TestDatabase Postgres()
    {
        var server = PostgresServer.Url();
        var name = $"recs_{Environment.ProcessId}_{Interlocked.Increment(ref _count)}";
        using var store = (Recs.Storage.Sql.SqlStore)EventStore.Open(server);
        store.Execute($"drop database if exists {name}");
        store.Execute($"create database {name}");
        return new(server[..server.LastIndexOf('/')] + "/" + name, null);
    }

    public string Url { get; }

    /// <summary>A store on it, migrated.</summary>
    public IRecsStore Open()
    {
        var store = EventStore.Open(Url);
        store.Migrate();
        return store;
    }

    public void Dispose()
    {
        if (_folder is not null) Directory.Delete(_folder, recursive: true);
    }
}
