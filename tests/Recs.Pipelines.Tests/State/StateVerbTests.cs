using System.Text.Json;
using Recs.Domain.Events;
using Recs.Pipelines.Tests.CommandLine;

namespace Recs.Pipelines.Tests.State;

[Collection(nameof(ConsoleTests))]
public sealed class StateVerbTests : IDisposable
{
    private readonly TestFolder _folder = new();

    [Fact]
    public async Task State_SameEventsShuffledAndResent_SameDigest()
    {
        var facts = SmallStore.Facts();
        var shuffled = facts.ToArray();
        new Random(5).Shuffle(shuffled);
        var plain = await State(SmallStore.Make(_folder.In("a.duckdb"), facts));
        var other = await State(SmallStore.Make(_folder.In("b.duckdb"), shuffled[..20], shuffled[10..], facts[..7]));

        Assert.Equal(plain.GetProperty("digest").GetString(), other.GetProperty("digest").GetString());
        Assert.Equal(0, plain.GetProperty("duplicates").GetInt64());
        Assert.Equal(17, other.GetProperty("duplicates").GetInt64());
    }

    [Fact]
    public async Task State_OneEventDiffers_OtherDigest()
    {
        var facts = SmallStore.Facts();
        var plain = await State(SmallStore.Make(_folder.In("a.duckdb"), facts));
        facts[^1] = facts[^1] with { Event = (Interaction)facts[^1].Event with { Action = InteractionType.Like } };
        var other = await State(SmallStore.Make(_folder.In("b.duckdb"), facts));
        Assert.NotEqual(plain.GetProperty("digest").GetString(), other.GetProperty("digest").GetString());
    }

    [Fact]
    public async Task State_Json_HasTheFieldsOfTheContract()
    {
        var state = await State(SmallStore.Make(_folder.In("a.duckdb"), SmallStore.Facts()));
        Assert.Equal(["events", "duplicates", "dead_letters", "items", "users", "feature_rows", "offsets", "digest", "gaps", "late", "erased"], state.EnumerateObject().Select(field => field.Name));
        Assert.Equal((2, 1, 30, 30), (Events("item"), Events("user"), Events("impression"), Events("interaction")));
        Assert.Equal(2, state.GetProperty("items").GetInt64());
        Assert.Equal(3, state.GetProperty("users").GetInt64());
        Assert.Equal(63, state.GetProperty("offsets").GetProperty("recs.events/3").GetInt64());
        Assert.True(state.GetProperty("feature_rows").GetInt64() > 0);
        Assert.Matches("^[0-9a-f]{64}$", state.GetProperty("digest").GetString());

        int Events(string type) => state.GetProperty("events").GetProperty(type).GetInt32();
    }

    [Fact]
    public async Task State_Verify_SaysWhatItCompares()
    {
        var url = SmallStore.Make(_folder.In("a.duckdb"), SmallStore.Facts());
        var said = await RecsProgram.Succeed("state", "--db", url, "--verify", "--json", _folder.In("s.json"));
        Assert.Contains("equal to the fold of all facts from the beginning, in a shuffled order", said, StringComparison.Ordinal);
        Assert.Contains("verify: equal", said, StringComparison.Ordinal);
        Assert.True(JsonDocument.Parse(File.ReadAllText(_folder.In("s.json"))).RootElement.GetProperty("verified").GetBoolean());
    }

    [Fact]
    public async Task State_NoSuchStore_RefusesAndMakesNone()
    {
        Assert.Contains("there is no store", await RecsProgram.Fail(1, "state", "--db", "duckdb:" + _folder.In("typo.duckdb")), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task State_NoDb_IsWrongUsage() => await RecsProgram.Fail(2, "state");

    public void Dispose() => _folder.Dispose();

    private async Task<JsonElement> State(string url)
    {
        await RecsProgram.Succeed("state", "--db", url, "--json", _folder.In("state.json"));
        return JsonDocument.Parse(File.ReadAllText(_folder.In("state.json"))).RootElement;
    }
}
