using System.Text.Json;
using Recs.Domain.Wire;
using Recs.Ingest;
using Recs.Pipelines.Tests.CommandLine;
using Recs.Pipelines.Tests.State;
using Recs.Storage;

namespace Recs.Pipelines.Tests.DeadLetters;

[Collection(nameof(ConsoleTests))]
public sealed class DeadLetterVerbTests : IDisposable
{
    private readonly TestFolder _folder = new();

    [Fact]
    public async Task List_RefusedMessages_CoordinatesReasonAndPrintableBytes()
    {
        var url = SmallStore.Make(_folder.In("a.duckdb"));
        SmallStore.Refuse(url, ("not an object", [0xff, 0x1b, (byte)'{']), ("too deep", new byte[200]));
        var said = await RecsProgram.Succeed("dlq", "list", "--db", url);
        Assert.Contains("\\xff\\x1b{", said, StringComparison.Ordinal);
        Assert.Contains("not_json", said, StringComparison.Ordinal);
        Assert.Contains("not an object", said, StringComparison.Ordinal);
        Assert.Contains("… 120 bytes more", said, StringComparison.Ordinal);
        Assert.Contains("dlq: 1 of 2 dead letters", await RecsProgram.Succeed("dlq", "list", "--db", url, "--limit", "1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_OneLetter_HexTextKeyAndWhatTodaysCodeSays()
    {
        var url = SmallStore.Make(_folder.In("a.duckdb"));
        SmallStore.Refuse(url, ("not an object", [0xff, 0x1b, (byte)'{']));
        var said = await RecsProgram.Succeed("dlq", "show", "recs.events/7/40", "--db", url, "--json", _folder.In("s.json"));
        Assert.Contains("00000000  ff 1b 7b ", said, StringComparison.Ordinal);
        Assert.Contains("..{", said, StringComparison.Ordinal);
        Assert.Contains("today   not_json:", said, StringComparison.Ordinal);
        var letter = Json("s.json").GetProperty("dead_letters")[0];
        Assert.Equal("/xt7", letter.GetProperty("value").GetString());
        Assert.Contains("has no dead letter recs.events/7/41", await RecsProgram.Fail(1, "dlq", "show", "recs.events/7/41", "--db", url), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Retry_WhatIsAnEventNow_IsStoredOnceAndTheRestStaysOpen()
    {
        var facts = SmallStore.Facts();
        var url = SmallStore.Make(_folder.In("a.duckdb"), facts.Take(1).ToList());
        // As an older build left them: events it could not read, one of which came in another way meanwhile.
        SmallStore.Refuse(url, ("no such version", EventCodec.Write(facts[0].Event)), ("no such version", EventCodec.Write(facts[5].Event)), ("never", [1]));
        Assert.Contains("2 of 3 would be retried; 1 still refused", await RecsProgram.Succeed("dlq", "retry", "--db", url, "--dry-run"), StringComparison.Ordinal);
        Assert.Contains("2 of 3 retried: 1 stored, 1 were there already; 1 still refused", await RecsProgram.Succeed("dlq", "retry", "--db", url), StringComparison.Ordinal);
        Assert.Contains("0 of 1 retried", await RecsProgram.Succeed("dlq", "retry", "--db", url), StringComparison.Ordinal);
        var said = await RecsProgram.Succeed("dlq", "list", "--db", url, "--state", "retried", "--json", _folder.In("l.json"));
        Assert.Contains("retried: 2 not_json", said, StringComparison.Ordinal);
        Assert.Equal((3, 2), (Json("l.json").GetProperty("total").GetInt32(), Json("l.json").GetProperty("matching").GetInt32()));
        using var store = EventStore.Open(url);
        Assert.Equal(2, store.Read("recs-ingest").Facts.Count());
    }

    [Fact]
    public async Task Retry_OverKafka_PublishesOnceAndIngestTakesItIn()
    {
        using var broker = new EmbeddedBroker();
        var url = SmallStore.Make(_folder.In("a.duckdb"));
        SmallStore.Refuse(url, ("no such version", EventCodec.Write(SmallStore.Facts()[5].Event)), ("never", [1]));
        string[] retry = ["dlq", "retry", "--db", url, "--kafka", broker.Connection.BootstrapServers];
        Assert.Contains("1 of 2 published again; 1 still refused", await RecsProgram.Succeed(retry), StringComparison.Ordinal);
        Assert.Contains("0 of 1 published again", await RecsProgram.Succeed(retry), StringComparison.Ordinal);
        await RecsProgram.Succeed("ingest", "--once", "--db", url, "--kafka", broker.Connection.BootstrapServers);
        using var store = EventStore.Open(url);
        Assert.Equal("shown-1", Assert.Single(store.Read("recs-ingest").Facts).Event.Id.Value);
        Assert.Equal([DeadLetterState.Retried, DeadLetterState.Open], store.FindDeadLetters(DeadLetterFilter.All, 9).Select(kept => kept.State));
    }

    [Fact]
    public async Task Drop_Narrowed_KeepsThemWithTheNote()
    {
        var url = SmallStore.Make(_folder.In("a.duckdb"));
        SmallStore.Refuse(url, ("a", [1]), ("b", [2]));
        Assert.Contains("dlq: 1 dropped", await RecsProgram.Succeed("dlq", "drop", "--db", url, "--offset", "41", "--note", "a test of the sender"), StringComparison.Ordinal);
        Assert.Contains("dlq: 1 dropped", await RecsProgram.Succeed("dlq", "drop", "--db", url, "--all", "--note", "x"), StringComparison.Ordinal);
        using var store = EventStore.Open(url);
        Assert.Equal(["a test of the sender", "x"], store.FindDeadLetters(new() { State = DeadLetterState.Dropped }, 9).Select(kept => kept.Note).Order());
        Assert.Equal(2, store.Count().DeadLetters);
    }

    [Theory]
    [InlineData("dlq")]
    [InlineData("dlq", "list", "--db", "duckdb::memory:", "--limit", "0")]
    [InlineData("dlq", "list", "--db", "duckdb::memory:", "--reason", "ugly")]
    [InlineData("dlq", "list", "--db", "duckdb::memory:", "--since", "soon")]
    [InlineData("dlq", "show", "--db", "duckdb::memory:", "recs.events/7")]
    [InlineData("dlq", "drop", "--db", "duckdb::memory:", "--note", "everything, really?")]
    [InlineData("dlq", "drop", "--db", "duckdb::memory:", "--all")]
    [InlineData("dlq", "list")]
    public async Task Dlq_WrongUsage_Exit2(params string[] args) => await RecsProgram.Fail(2, args);

    public void Dispose() => _folder.Dispose();

    private JsonElement Json(string file) => JsonDocument.Parse(File.ReadAllText(_folder.In(file))).RootElement;
}
