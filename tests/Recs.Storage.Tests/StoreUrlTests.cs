using Recs.Domain;
using Recs.Storage.Postgres;
using Recs.Tests;

namespace Recs.Storage.Tests;

public sealed class StoreUrlTests
{
    [Theory]
    [InlineData("postgres://recs:s3cret@db:5433/shop", "postgres://recs@db:5433/shop")]
    [InlineData("postgresql://recs:s3cret@db/shop?sslmode=verify-full&connect_timeout=3", "postgres://recs@db:5432/shop")]
    [InlineData("postgres://re%40cs:a%2Fb%3A@[::1]:6000/sh%20op", "postgres://re@cs@::1:6000/sh op")]
    [InlineData("postgres://recs@/shop?host=/run/postgresql", "postgres://recs@/shop?host=/run/postgresql")]
    public void Parse_AnyForm_NamesThePlaceWithoutPassword(string url, string name)
    {
        var parsed = PostgresUrl.Parse(url);
        Assert.Equal(name, parsed.Name);
        Assert.DoesNotContain("s3cret", parsed.Name, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_Password_IsDecoded() => Assert.Contains("Password=a/b:", PostgresUrl.Parse("postgres://recs:a%2Fb%3A@db/shop").ConnectionString, StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("mysql://root:s3cret@db/shop")]
    [InlineData("postgres://recs:s3cret@db")]
    [InlineData("postgres://:s3cret@db/shop")]
    [InlineData("postgres://recs:s3cret@db:port/shop")]
    [InlineData("postgres://recs:s3cret@db:70000/shop")]
    [InlineData("postgres://recs:s3cret@db/shop?sslmode=perhaps")]
    [InlineData("postgres://recs:s3cret@db/shop?colour=red")]
    [InlineData("postgres://recs:s3cret@127.0.0.1:1/shop?connect_timeout=2")]
    [InlineData("events.duckdb")]
    public void Open_WrongUrl_IsRefusedWithoutPassword(string url)
    {
        var fault = Assert.Throws<RefusedException>(() => EventStore.Open(url));
        Assert.DoesNotContain("s3cret", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
    }

    [Fact]
    public void Open_WrongPassword_IsRefusedInOneLine()
    {
        var url = PostgresServer.Url();
        var wrong = url[..(url.IndexOf("recs:", StringComparison.Ordinal) + 5)] + "s3cret" + url[url.LastIndexOf('@')..];
        var fault = Assert.Throws<RefusedException>(() => EventStore.Open(wrong));
        Assert.Contains("28P01", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Append_ConnectionLost_IsUnavailableAndTheNextCallConnectsAgain()
    {
        using var database = TestDatabase.Postgres();
        using var store = database.Open();
        store.Append(An.Batch(An.Interaction("e1")));
        using (var other = (Sql.SqlStore)EventStore.Open(database.Url))
            other.Execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()");
        Assert.Throws<StoreUnavailableException>(() => store.Append(An.Batch(An.Interaction("e2"))));
        Assert.Equal(new AppendResult(1, 1), store.Append(An.Batch(An.Interaction("e1"), An.Interaction("e2"))));
    }
}
