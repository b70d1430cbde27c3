using Recs.Api.Keys;
using Recs.Pipelines.Tests.CommandLine;

namespace Recs.Pipelines.Tests.Keys;

[Collection(nameof(ConsoleTests))]
public sealed class KeysVerbTests : IDisposable
{
    private readonly TestFolder _folder = new();

    [Fact]
    public async Task CreateListRevoke()
    {
        var file = _folder.In("keys.json");
        var key = (await RecsProgram.Succeed("keys", "create", "--scope", "rank", "--scope", "events", "--rate", "50", "--file", file)).Trim();
        var admin = (await RecsProgram.Succeed("keys", "create", "--scope", "admin", "--file", file)).Trim();
        Assert.DoesNotContain(key[14..], await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        var ring = ApiKeyRing.Open(file);
        Assert.Equal((ApiScopes.Rank | ApiScopes.Events, 50), (ring.Find(key)!.Scopes, ring.Find(key)!.RequestsPerSecond));
        var list = (await RecsProgram.Succeed("keys", "list", "--file", file)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, list.Length);
        Assert.Contains("rank,events", list[0], StringComparison.Ordinal);
        Assert.DoesNotContain(ring.Find(admin)!.Sha256, string.Concat(list), StringComparison.Ordinal);
        await RecsProgram.Succeed("keys", "revoke", ring.Find(key)!.Id, "--file", file);
        Assert.Null(ApiKeyRing.Open(file).Find(key));
        Assert.NotNull(ApiKeyRing.Open(file).Find(admin));
    }

    [Fact]
    public async Task Wrong_IsRefused()
    {
        var file = _folder.In("keys.json");
        await RecsProgram.Fail(2, "keys", "create", "--scope", "root", "--file", file);
        Assert.Contains("range 0 to 1000000", await RecsProgram.Fail(1, "keys", "create", "--scope", "rank", "--rate", "-1", "--file", file), StringComparison.Ordinal);
        Assert.Contains("no file of API keys", await RecsProgram.Fail(1, "keys", "list", "--file", file), StringComparison.Ordinal);
        await RecsProgram.Succeed("keys", "create", "--scope", "rank", "--file", file);
        Assert.Contains("has no key '00000000'", await RecsProgram.Fail(1, "keys", "revoke", "00000000", "--file", file), StringComparison.Ordinal);
        var other = _folder.Write("other.json", "not mine");
        Assert.Contains("no file of API keys", await RecsProgram.Fail(1, "keys", "create", "--scope", "rank", "--file", other), StringComparison.Ordinal);
        Assert.Equal("not mine", await File.ReadAllTextAsync(other, TestContext.Current.CancellationToken));
    }

    public void Dispose() => _folder.Dispose();
}
