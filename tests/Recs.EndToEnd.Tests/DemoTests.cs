using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Recs.Storage.Scores;

namespace Recs.EndToEnd.Tests;

/// <summary>The whole way through the real program, on a small made-up shop.</summary>
public sealed class DemoTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("recs-end-to-end-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string In(string name) => Path.Combine(_folder, name);

    [Fact]
    public async Task Demo_Twice_SameNumbersAndTheContractsFields()
    {
        SmallShop.Write(In("data"), seed: 11);
        var results = new List<JsonElement>();
        foreach (var run in new[] { "a", "b" })
        {
            var (code, output, errors) = await RecsProgram.Run("demo", "--data", In("data"), "--output", In(run), "--no-serve", "--json", In(run + ".json"));
            Assert.True(code == 0, errors);
            Assert.Contains("For somebody-new, of whom nothing is known:", output, StringComparison.Ordinal);
            results.Add(JsonElement.Parse(await File.ReadAllTextAsync(In(run + ".json"))));
        }

        var (first, second) = (results[0], results[1]);
        Assert.Equal("online-retail", first.GetProperty("dataset").GetString());
        var events = first.GetProperty("events");
        Assert.True(events.GetProperty("published").GetInt64() > 1_460);
        Assert.Equal(events.GetProperty("published").GetInt64(), events.GetProperty("ingested").GetInt64());
        Assert.Equal(0, events.GetProperty("duplicates").GetInt64() + events.GetProperty("dead_letters").GetInt64());
        Assert.Equal(80, first.GetProperty("embeddings").GetProperty("count").GetInt32());
        Assert.Equal(256, first.GetProperty("embeddings").GetProperty("dimensions").GetInt32());
        // Customers buy one kind of thing, three times in four: the ranker must find that.
        Assert.True(first.GetProperty("quality").GetProperty("auc").GetDouble() > 0.7);
        foreach (var name in new[] { "auc", "ndcg_at_10", "hr_at_10", "cold_auc" })
        {
            Assert.True(first.GetProperty("quality").TryGetProperty(name, out _));
            Assert.True(first.GetProperty("quality").GetProperty("without_embeddings").TryGetProperty(name, out _));
        }
        foreach (var part in new[] { "events", "items", "embeddings", "training", "quality" })
            Assert.Equal(first.GetProperty(part).GetRawText(), second.GetProperty(part).GetRawText());

        var scores = ScoreFile.Read(In("a/scores.parquet")).ToList();
        Assert.Equal(first.GetProperty("scores").GetProperty("rows").GetInt64(), scores.Count);
        Assert.Equal(scores, ScoreFile.Read(In("b/scores.parquet")));
        // The nightly pipeline goes by way of files and gives the same rows.
        var nightly = await RecsProgram.Run("run", Path.Combine(Recs.Tests.Requirements.Root, "pipelines", "nightly.yaml"),
            "--set", "db=duckdb:" + In("a/recs.duckdb"), "--set", "model=" + In("a/model"), "--set", "work=" + In("nightly"));
        Assert.True(nightly.Code == 0, nightly.Errors);
        Assert.Equal(scores, ScoreFile.Read(In("nightly/scores.parquet")));
        Assert.All(scores.GroupBy(score => score.User), user => Assert.Equal(Enumerable.Range(1, user.Count()), user.Select(score => score.Rank)));
    }

    [Fact]
    public async Task Demo_Serving_AnEventChangesTheNextAnswerAndTheStoreKeepsIt()
    {
        SmallShop.Write(In("data"), seed: 12);
        using var demo = RecsProgram.Start("demo", "--data", In("data"), "--output", In("out"), "--url", "http://127.0.0.1:0");
        var line = await demo.Line("listening on");
        using var client = new HttpClient { BaseAddress = new Uri(line.Split(' ').First(word => word.StartsWith("http", StringComparison.Ordinal)).TrimEnd(',', ';')) };

        var before = await Rank(client);
        Assert.Equal(10, before.GetProperty("slate").GetArrayLength());
        var bought = before.GetProperty("slate")[0].GetProperty("item").GetString();
        using var posted = await client.PostAsync("/v1/events", Json(
            $$"""[{"type":"interaction","event_id":"e2e-1","schema":1,"time":"2011-12-01T10:00:00Z","user":"12000","item":"{{bought}}","action":"conversion","value_micros":1000000}]"""));
        Assert.Equal(HttpStatusCode.Accepted, posted.StatusCode);

        var after = before;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (after.GetProperty("slate").GetRawText() == before.GetProperty("slate").GetRawText())
        {
            patience.Token.ThrowIfCancellationRequested();
            after = await Rank(client);
        }
        Assert.Equal(0, await demo.Terminate());

        var (code, output, errors) = await RecsProgram.Run("state", "--db", "duckdb:" + In("out/recs.duckdb"), "--verify");
        Assert.True(code == 0, errors + output);
        var (checks, listed, _) = await RecsProgram.Run("check", "--db", "duckdb:" + In("out/recs.duckdb"));
        Assert.True(checks == 0, listed);

        var nightly = await RecsProgram.Run("run", Path.Combine(Recs.Tests.Requirements.Root, "pipelines", "nightly.yaml"),
            "--set", "db=duckdb:" + In("out/recs.duckdb"), "--set", "model=" + In("out/model"), "--set", "work=" + In("work"));
        Assert.True(nightly.Code == 0, nightly.Errors);
        Assert.NotEmpty(ScoreFile.Read(In("work/scores.parquet")));
        foreach (var report in new[] { "funnel", "calibration", "spend" })
            Assert.Equal(0, (await RecsProgram.Run("report", report, "--db", "duckdb:" + In("out/recs.duckdb"))).Code);
    }

    [Fact]
    public async Task Demo_WrongInput_OneLineAndExitCodeOne()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        Directory.CreateDirectory(In("empty"));
        SmallShop.Write(In("cut"), seed: 13);
        await using (var parquet = File.OpenWrite(In("cut/purchases.parquet"))) parquet.SetLength(1_000);

        foreach (var (arguments, expected) in new (string[], string)[]
        {
            (["demo", "--data", In("nowhere"), "--no-serve", "--output", In("o")], "nowhere"),
            (["demo", "--data", In("empty"), "--no-serve", "--output", In("o")], "items.csv"),
            (["demo", "--data", In("cut"), "--no-serve", "--output", In("o")], "purchases.parquet"),
            (["demo", "--dataset", "ml-100k"], "--data"),
            (["demo", "--dataset", "nothing-like-it"], "nothing-like-it"),
            (["demo", "--data", In("empty"), "--url", $"http://127.0.0.1:{port}"], $"port {port}"),
            (["demo", "--data", In("cut"), "--no-serve", "--output", In("cut")], "not made by a demo"),
        })
        {
            var (code, _, errors) = await RecsProgram.Run(arguments);
            Assert.Equal(1, code);
            Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            Assert.Contains(expected, errors, StringComparison.Ordinal);
        }
        Assert.Equal(2, (await RecsProgram.Run("demo", "--no-such-option")).Code);
        Assert.Equal(2, (await RecsProgram.Run("no-such-verb")).Code);
    }

    private static async Task<JsonElement> Rank(HttpClient client)
    {
        using var answer = await client.PostAsync("/v1/rank", Json("""{"user":"12000","surface":"home","n":10,"kinds":["content","ad"],"candidates":"auto"}"""));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}
