using Microsoft.Extensions.Time.Testing;
using Recs.Api.Keys;
using Recs.Domain;

namespace Recs.Api.Tests.Keys;

public sealed class ApiKeyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("recs-api-keys-").FullName;

    [Fact]
    public void Create_KeysDiffer_AndOnlyTheHashIsKept()
    {
        var (kept, key) = ApiKey.Create(ApiScopes.Rank | ApiScopes.Events);
        var (other, otherKey) = ApiKey.Create(ApiScopes.Rank);
        Assert.NotEqual(key, otherKey);
        Assert.NotEqual(kept.Sha256, other.Sha256);
        var text = ApiKeyFile.Text([kept, other]);
        Assert.DoesNotContain(key, text, StringComparison.Ordinal);
        Assert.DoesNotContain(key[14..], text, StringComparison.Ordinal);
        Assert.Contains(kept.Id, key, StringComparison.Ordinal);
    }

    [Fact]
    public void File_RoundTrip()
    {
        var (kept, _) = ApiKey.Create(ApiScopes.Rank | ApiScopes.Admin);
        var (limited, _) = ApiKey.Create(ApiScopes.Events);
        ApiKey[] keys = [kept with { Created = "2026-01-01T00:00:00Z" }, limited with { RequestsPerSecond = 5 }];
        Assert.Equal(keys, ApiKeyFile.Read(Write(ApiKeyFile.Text(keys))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"keys":[null]}""")]
    [InlineData("""{"keys":[{"id":"0123abcd","scopes":["rank"],"sha256":"abc"}]}""")]
    [InlineData("""{"keys":[{"id":"0123abcd","scopes":["root"],"sha256":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}]}""")]
    [InlineData("""{"keys":[{"id":"0123abcd","scopes":[],"sha256":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}]}""")]
    [InlineData("""{"keys":[{"id":"0123abcd","scopes":["rank"],"sha256":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","requests_per_second":-1}]}""")]
    public void File_Bad_IsRefusedWithItsPath(string text)
    {
        var path = Write(text);
        Assert.Contains(path, Assert.Throws<RefusedException>(() => ApiKeyFile.Read(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void File_NotThere_OrAnIdTwice_IsRefused()
    {
        Assert.Throws<RefusedException>(() => ApiKeyRing.Open(Path.Combine(_folder, "nowhere")));
        var (kept, _) = ApiKey.Create(ApiScopes.Rank);
        Assert.Contains("twice", Assert.Throws<RefusedException>(() => ApiKeyFile.Read(Write(ApiKeyFile.Text([kept, kept])))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_ExactlyTheKey()
    {
        var (kept, key) = ApiKey.Create(ApiScopes.Rank);
        var ring = ApiKeyRing.Of(kept);
        Assert.Equal(kept, ring.Find(key));
        foreach (var wrong in new[] { "", "recs_", key[..^1], key + "x", key.ToUpperInvariant(), key[..^1] + (key[^1] == 'A' ? 'B' : 'A'), ApiKey.Create(ApiScopes.Rank).Key, new string('x', 100_000) }) Assert.Null(ring.Find(wrong));
    }

    [Theory]
    [InlineData(ApiScopes.Rank, ApiScopes.Rank, true)]
    [InlineData(ApiScopes.Rank, ApiScopes.Events, false)]
    [InlineData(ApiScopes.Rank | ApiScopes.Events, ApiScopes.Admin, false)]
    [InlineData(ApiScopes.Admin, ApiScopes.Events, true)]
    public void May_ItsScopes_AndAnAdminAll(ApiScopes has, ApiScopes needs, bool may) => Assert.Equal(may, new ApiKey("0123abcd", has, "").May(needs));

    [Fact]
    public void Open_FileChanges_IsReadAgain_AndABrokenOneChangesNothing()
    {
        var clock = new FakeTimeProvider();
        List<string> log = [];
        var (first, firstKey) = ApiKey.Create(ApiScopes.Rank);
        var (second, secondKey) = ApiKey.Create(ApiScopes.Rank);
        var path = Write(ApiKeyFile.Text([first]));
        var ring = ApiKeyRing.Open(path, clock, log.Add);
        File.WriteAllText(path, ApiKeyFile.Text([first, second]));
        Assert.Null(ring.Find(secondKey));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(second, ring.Find(secondKey));
        File.WriteAllText(path, "{");
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(first, ring.Find(firstKey));
        Assert.Contains("the keys read before stay", log[^1], StringComparison.Ordinal);
        File.WriteAllText(path, ApiKeyFile.Text([second]));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(ring.Find(firstKey));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Write(string text)
    {
        var path = Path.Combine(_folder, "keys.json");
        File.WriteAllText(path, text);
        return path;
    }
}
