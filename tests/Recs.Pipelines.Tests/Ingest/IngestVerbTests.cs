using System.Text.Json;
using Recs.Ingest;
using Recs.Pipelines.Tests.CommandLine;
using Recs.Pipelines.Tests.State;

namespace Recs.Pipelines.Tests.Ingest;

[Collection(nameof(ConsoleTests))]
public sealed class IngestVerbTests : IDisposable
{
    private readonly TestFolder _folder = new();

    [Fact]
    public async Task Ingest_PositionGone_NamesTheSwitchAndWithItGoesOnAndStateShowsTheGap()
    {
        using var broker = new EmbeddedBroker();
        using (var producer = new EventProducer(broker.Connection)) producer.Publish(SmallStore.Facts());
        var url = SmallStore.Make(_folder.In("a.duckdb"), SmallStore.Facts().Take(5).ToList()); // stands at 5 of recs.events/3
        using (var store = Storage.EventStore.Open(url)) store.Append(new([], [], [new("recs-ingest", new("recs.events", 3), 5, 9_000)]));
        string[] ingest = ["ingest", "--kafka", broker.Connection.BootstrapServers, "--db", url, "--once"];
        Assert.Contains("ingest with --reset earliest", await RecsProgram.Fail(1, ingest), StringComparison.Ordinal);

        var said = await RecsProgram.Succeed([.. ingest, "--reset", "earliest"]);
        Assert.Contains("gap: recs.events/3 of group recs-ingest moved from 9000 to 0 by --reset earliest", said, StringComparison.Ordinal);
        said = await RecsProgram.Succeed("state", "--db", url, "--json", _folder.In("s.json"));
        Assert.Contains("gap: recs.events/3 of group recs-ingest moved from 9000 to 0", said, StringComparison.Ordinal);
        var state = JsonDocument.Parse(File.ReadAllText(_folder.In("s.json"))).RootElement;
        var gap = Assert.Single(state.GetProperty("gaps").EnumerateArray());
        Assert.Equal((9_000, 0, "earliest"), (gap.GetProperty("from").GetInt64(), gap.GetProperty("to").GetInt64(), gap.GetProperty("how").GetString()));
        Assert.Equal(63, state.GetProperty("events").EnumerateObject().Sum(type => type.Value.GetInt64()));
    }

    [Fact]
    public async Task Ingest_OptionsFromAFile_SecretsAreNeitherNeededOnTheLineNorSaid()
    {
        File.WriteAllLines(_folder.In("client.properties"), ["# made up", "security.protocol=SASL_PLAINTEXT", "sasl.mechanism=NO-SUCH", "sasl.username=u", "sasl.password=hunter2"]);
        var said = await RecsProgram.Fail(1, "ingest", "--kafka", "127.0.0.1:1", "--db", "duckdb:" + _folder.In("a.duckdb"), "--kafka-config", _folder.In("client.properties"));
        Assert.Contains("NO-SUCH", said, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", said, StringComparison.Ordinal);
        Assert.Contains("is given by --reset", await RecsProgram.Fail(1, "ingest", "--kafka", "127.0.0.1:1", "--db", "duckdb:" + _folder.In("a.duckdb"),
            "--kafka-option", "auto.offset.reset=earliest"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ingest", "--kafka", "127.0.0.1:1", "--db", "duckdb::memory:", "--reset", "somewhere")]
    [InlineData("ingest", "--db", "duckdb::memory:")]
    public async Task Ingest_WrongUsage_Exit2(params string[] args) => await RecsProgram.Fail(2, args);

    public void Dispose() => _folder.Dispose();
}
