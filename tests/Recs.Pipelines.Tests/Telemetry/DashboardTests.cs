using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Recs.Api;
using Recs.Api.Live;
using Recs.Api.Telemetry;
using Recs.Ingest;
using Recs.Pipelines.CommandLine;
using Recs.Pipelines.Tests.CommandLine;
using Recs.Pipelines.Tests.Serve;
using Recs.Pipelines.Tests.State;
using Recs.Ranker.Model;
using Recs.Storage;

namespace Recs.Pipelines.Tests.Telemetry;

/// <summary>The Grafana dashboard against the instruments that a server and a worker register, named as Prometheus is told.</summary>
public sealed partial class DashboardTests : IDisposable
{
    private readonly TestFolder _folder = new();

    [Fact]
    public async Task Dashboard_EveryMetric_IsAnInstrumentsOwn()
    {
        var known = new ConcurrentDictionary<string, string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name is not (ApiTelemetry.Name or IngestTelemetry.Name)) return;
                foreach (var name in Names(instrument)) known[name] = instrument.Name;
            },
        };
        listener.Start();
        var scraped = await Scrape();
        var asked = Expressions().SelectMany(expression => Metric().Matches(expression)).Select(match => match.Value).Distinct().ToList();
        Assert.InRange(asked.Count, 10, 100);
        Assert.Contains(asked, name => name.StartsWith("recs_ingest_", StringComparison.Ordinal));
        Assert.All(asked, name => Assert.True(known.ContainsKey(name), $"recs.json asks for {name}, which no instrument is; there are {string.Join(", ", known.Keys.Order(StringComparer.Ordinal))}"));
        // The names above are the exporter's: all that it said is among them.
        Assert.All(scraped, name => Assert.Contains(name, known.Keys));
        Assert.Contains("recs_api_rank_duration_seconds_bucket", scraped);
    }

    [Fact]
    public void Dashboard_Panels_StandBesideEachOther()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Path.Combine(Home.Root, "pipelines", "grafana", "recs.json")));
        var panels = dashboard.RootElement.GetProperty("panels").EnumerateArray().ToList();
        Assert.Equal(panels.Count, panels.Select(panel => panel.GetProperty("id").GetInt32()).Distinct().Count());
        Assert.Equal(panels.Count, panels.Select(panel => panel.GetProperty("title").GetString()).Distinct().Count());
        HashSet<(int X, int Y)> taken = [];
        foreach (var place in panels.Select(panel => panel.GetProperty("gridPos")))
            for (var x = place.GetProperty("x").GetInt32(); x < place.GetProperty("x").GetInt32() + place.GetProperty("w").GetInt32(); x++)
                for (var y = place.GetProperty("y").GetInt32(); y < place.GetProperty("y").GetInt32() + place.GetProperty("h").GetInt32(); y++)
                {
                    Assert.InRange(x, 0, 23);
                    Assert.True(taken.Add((x, y)), $"two panels stand at {x}, {y}");
                }
    }

    public void Dispose() => _folder.Dispose();

    private async Task<List<string>> Scrape()
    {
        var url = SmallStore.Make(_folder.In("shop.duckdb"), Train.SmallFeed.Facts(1));
        LiveModelsTests.Save(_folder.In("model"), trees: 3);
        using var store = EventStore.Open(url);
        using var broker = new EmbeddedBroker();
        await using var live = LiveState.Load(store, RankerModel.Load(_folder.In("model")));
        using var producer = new EventProducer(broker.Connection);
        using var stop = new CancellationTokenSource();
        using var ingested = EventStore.Open(SmallStore.Make(_folder.In("ingested.duckdb")));
        var ingesting = new EventConsumer(broker.Connection, ingested).RunAsync(stop.Token);
        string said;
        await using (var server = await ApiServer.StartAsync(new ApiOptions { Url = "http://127.0.0.1:0" }, live, producer, cancel: TestContext.Current.CancellationToken))
        {
            using var http = new HttpClient { BaseAddress = new Uri(server.Urls.First()) };
            using var body = new StringContent("""{"user":"u1","n":4,"candidates":"auto"}""", Encoding.UTF8, "application/json");
            using var answer = await http.PostAsync("/v1/rank", body, TestContext.Current.CancellationToken);
            answer.EnsureSuccessStatusCode();
            said = await http.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        }
        await stop.CancelAsync();
        await ingesting;
        return [.. said.Split('\n').Select(line => Metric().Match(line)).Where(match => match.Success && match.Index == 0).Select(match => match.Value).Distinct()];
    }

    private static IEnumerable<string> Expressions()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Path.Combine(Home.Root, "pipelines", "grafana", "recs.json")));
        return [.. dashboard.RootElement.GetProperty("panels").EnumerateArray().Where(panel => panel.TryGetProperty("targets", out _)).SelectMany(panel => panel.GetProperty("targets").EnumerateArray())
            .Where(target => target.TryGetProperty("expr", out _)).Select(target => target.GetProperty("expr").GetString()!)];
    }

    /// <summary>OpenTelemetry to Prometheus: seconds in full, nothing for a share or a note in braces; a counter ends in total.</summary>
    private static IEnumerable<string> Names(Instrument instrument)
    {
        var kind = instrument.GetType().Name;
        var name = instrument.Name.Replace('.', '_') + (instrument.Unit == "s" ? "_seconds" : "");
        if (kind.StartsWith("Histogram", StringComparison.Ordinal)) return [name + "_bucket", name + "_sum", name + "_count"];
        if (kind.StartsWith("Counter", StringComparison.Ordinal) || kind.StartsWith("ObservableCounter", StringComparison.Ordinal)) return [name + "_total"];
        return [name];
    }

    [GeneratedRegex(@"\brecs_[a-z_]+", RegexOptions.CultureInvariant)]
    private static partial Regex Metric();
}
