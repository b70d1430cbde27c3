using DuckDB.NET.Data;
using Recs.Storage.DuckDb;

namespace Recs.Storage.Tests;

public sealed class DuckDbMemoryTests
{
    [Fact]
    public void ForAppends_BoundsTheEngine_ForReports_GivesItItsOwnBoundBack()
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        var memory = new DuckDbMemory();
        memory.ForReports(connection); // nothing to give back
        var own = Limit();
        Assert.NotEqual("512.0 MiB", own);
        string? first = null;
        for (var round = 0; round < 20; round++)
        {
            memory.ForAppends(connection);
            memory.ForAppends(connection);
            Assert.Equal("512.0 MiB", Limit());
            memory.ForReports(connection);
            Assert.NotEqual("512.0 MiB", Limit());
            Assert.Equal(first ??= Limit(), Limit()); // the setting is rounded when it is read: rounded once, not time and again
        }
        Assert.Equal(own[^3..], first![^3..]);

        // What the engine keeps to, which need not be what the setting says.
        string Limit()
        {
            using var command = connection.CreateCommand();
            command.CommandText = "select memory_limit from pragma_database_size()";
            return (string)command.ExecuteScalar()!;
        }
    }

    [Fact]
    public void Append_ThenAReport_GetsTheEnginesOwnBound()
    {
        using var store = (Sql.SqlStore)EventStore.Open("duckdb::memory:");
        store.Migrate();
        var own = Limit();
        store.Append(An.Batch(An.Interaction("e1")));
        Assert.Equal(own[^3..], Limit()[^3..]);

        string Limit() => (string)store.Query("select memory_limit from pragma_database_size()", new Dictionary<string, object>()).Rows[0][0]!;
    }
}
