using System.Text.Json;
using Recs.Pipelines.Tests.CommandLine;
using Recs.Storage.Reports;

namespace Recs.Pipelines.Tests.Bench;

[Collection(nameof(ConsoleTests))]
public sealed class MartBenchVerbTests : IDisposable
{
    private readonly TestFolder _folder = new();

    [Fact]
    public async Task Marts_SmallStore_ChecksAndTimesEveryReport()
    {
        var url = $"duckdb:{_folder.In("marts.duckdb")}";
        var said = await RecsProgram.Succeed("bench", "marts", "--facts", "10000", "--days", "10", "--db", url, "--json", _folder.In("bench.json"));
        // Both are one day's work, of one day.
        Assert.Contains("a late click: 1 days in", said);
        Assert.Contains("one more day: 1 days in", said);
        using (var json = JsonDocument.Parse(File.ReadAllBytes(_folder.In("bench.json"))))
        {
            var result = json.RootElement;
            Assert.Equal(("marts", "s", true), (result.GetProperty("name").GetString(), result.GetProperty("unit").GetString(), result.GetProperty("checked").GetBoolean()));
            Assert.Equal((10_000, 22_000), (result.GetProperty("facts").GetInt32(), result.GetProperty("rows").GetInt32()));
            Assert.Equal(ReportRunner.Names, result.GetProperty("reports").EnumerateArray().Select(report => report.GetProperty("name").GetString()!));
            Assert.Equal("off_policy", Assert.Single(result.GetProperty("reports").EnumerateArray(), report => report.GetProperty("refused").ValueKind != JsonValueKind.Null).GetProperty("name").GetString());
        }
        // The same store again: nothing is filled, nothing is due.
        Assert.Contains("0 days, 22,000 rows in all", await RecsProgram.Succeed("bench", "marts", "--facts", "10000", "--days", "10", "--db", url, "--report", "funnel"));
        Assert.Contains("give the benchmark a database of its own", await RecsProgram.Fail(1, "bench", "marts", "--facts", "20000", "--days", "10", "--db", url));
    }

    public void Dispose() => _folder.Dispose();
}
