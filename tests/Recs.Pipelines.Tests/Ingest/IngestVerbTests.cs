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

    [Fact]
    public async Task Ingest_LogAsJson_EveryLineIsAnObject()
    {
        using var broker = new EmbeddedBroker();
        using (var producer = new EventProducer(broker.Connection)) producer.Publish([.. SmallStore.Facts().Select(producer.ToRaw), new RawMessage("recs.events", "k", [1], SmallStore.Start)]);
        var said = await RecsProgram.Succeed("ingest", "--kafka", broker.Connection.BootstrapServers, "--db", "duckdb:" + _folder.In("a.duckdb"), "--once", "--log", "json", "--dead-letter-topic");
        var entries = said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Contains(entries, entry => entry.GetProperty("State").TryGetProperty("Appended", out var appended) && appended.GetInt64() == 63);
        Assert.Contains(entries, entry => entry.GetProperty("State").TryGetProperty("Reason", out var reason) && reason.GetString() == "NotJson");
    }

    [Fact]
    public async Task Ingest_MetricsForPrometheus_AreServedWhileItRuns()
    {
        using var broker = new EmbeddedBroker();
        using (var producer = new EventProducer(broker.Connection)) producer.Publish(SmallStore.Facts());
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        var port = ((System.Net.IPEndPoint)taken.LocalEndpoint).Port;
        taken.Stop();
        using var export = Pipelines.Telemetry.TelemetryExport.Start(("127.0.0.1", port), collector: null, byEnvironment: false);
        using var store = Storage.EventStore.Open("duckdb:" + _folder.In("a.duckdb"));
        store.Migrate();
        using var client = new HttpClient();
        using var stop = new CancellationTokenSource();
        var worker = new EventConsumer(broker.Connection, store, new IngestOptions { Group = "scraped" });
        var running = worker.RunAsync(stop.Token);
        var scraped = "";
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!scraped.Contains("outcome=\"stored\"", StringComparison.Ordinal)) scraped = await client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics"), patience.Token);
        await stop.CancelAsync();
        await running;
        Assert.Contains("recs_ingest_facts_total", scraped, StringComparison.Ordinal);
        Assert.Contains("recs_ingest_lag", scraped, StringComparison.Ordinal);
        Assert.Contains("scraped", scraped, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ingest", "--kafka", "127.0.0.1:1", "--db", "duckdb::memory:", "--metrics", "somewhere")]
    [InlineData("ingest", "--kafka", "127.0.0.1:1", "--db", "duckdb::memory:", "--otlp", "ftp://x")]
    [InlineData("ingest", "--kafka", "127.0.0.1:1", "--db", "duckdb::memory:", "--log", "xml")]
    [InlineData("ingest", "--kafka", "127.0.0.1:1", "--db", "duckdb::memory:", "--reset", "somewhere")]
    [InlineData("ingest", "--db", "duckdb::memory:")]
    public async Task Ingest_WrongUsage_Exit2(params string[] args) => await RecsProgram.Fail(2, args);

    public void Dispose() => _folder.Dispose();
}
