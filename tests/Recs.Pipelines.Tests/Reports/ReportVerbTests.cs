using System.Text.Json;
using Recs.Pipelines.Tests.CommandLine;
using Recs.Pipelines.Tests.State;

namespace Recs.Pipelines.Tests.Reports;

[Collection(nameof(ConsoleTests))]
public sealed class ReportVerbTests : IDisposable
{
    private readonly TestFolder _folder = new();

    [Fact]
    public async Task Report_NoName_ListsReports()
    {
        var said = await RecsProgram.Succeed("report");
        Assert.Contains("funnel ", said, StringComparison.Ordinal);
        Assert.Contains("spend ", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Report_Formats_SameRows()
    {
        var url = SmallStore.Make(_folder.In("a.duckdb"), SmallStore.Facts());
        var table = (await RecsProgram.Succeed("report", "funnel", "--db", url)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var csv = (await RecsProgram.Succeed("report", "funnel", "--db", url, "--format", "csv")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await RecsProgram.Succeed("report", "funnel", "--db", url, "--format", "json", "--output", _folder.In("funnel.json"));
        var rows = JsonDocument.Parse(File.ReadAllText(_folder.In("funnel.json"))).RootElement.GetProperty("rows");

        Assert.True(rows.GetArrayLength() > 1);
        Assert.Equal(rows.GetArrayLength() + 1, csv.Length);
        Assert.Equal(csv.Length, table.Length);
        Assert.Equal(csv[0].Split(','), table[0].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(60, rows.EnumerateArray().Sum(row => row.GetProperty("shown").GetInt64()));
    }

    [Fact]
    public async Task Report_Parameter_NarrowsTheDays()
    {
        var url = SmallStore.Make(_folder.In("a.duckdb"), SmallStore.Facts());
        Assert.Single((await RecsProgram.Succeed("report", "funnel", "--db", url, "--format", "csv", "--param", "from=2012-01-01")).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("expected a date", await RecsProgram.Fail(1, "report", "funnel", "--db", url, "--param", "from=soon"), StringComparison.Ordinal);
        Assert.Contains("has no parameter 'frm'", await RecsProgram.Fail(1, "report", "funnel", "--db", url, "--param", "frm=2012-01-01"), StringComparison.Ordinal);
        Assert.Contains("is not NAME=VALUE", await RecsProgram.Fail(1, "report", "funnel", "--db", url, "--param", "from"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Report_UnknownName_OneLine() =>
        Assert.Contains("did you mean funnel", await RecsProgram.Fail(1, "report", "funel", "--db", "duckdb::memory:"), StringComparison.Ordinal);

    [Fact]
    public async Task Report_UnknownFormat_IsWrongUsage() => await RecsProgram.Fail(2, "report", "funnel", "--db", "duckdb::memory:", "--format", "xml");

    [Fact]
    public async Task Check_SoundAndBrokenStore_TellsThemApart()
    {
        var facts = SmallStore.Facts();
        Assert.Contains("hold", await RecsProgram.Succeed("check", "--db", SmallStore.Make(_folder.In("a.duckdb"), facts)), StringComparison.Ordinal);

        var twice = (Recs.Domain.Events.Interaction)facts[^1].Event;
        facts.AddRange(Enumerable.Range(3, 3).Select(n => new Recs.Domain.Events.Fact(twice with { Id = new($"more-{n}"), Item = new($"i{n}") }, facts[^1].Known)));
        var (code, said, _) = await RecsProgram.Run("check", "--db", SmallStore.Make(_folder.In("b.duckdb"), facts), "--json", _folder.In("check.json"));
        Assert.Equal(1, code);
        Assert.Contains("clicks_within_impressions  1 rows found", said, StringComparison.Ordinal);
        Assert.False(JsonDocument.Parse(File.ReadAllText(_folder.In("check.json"))).RootElement.GetProperty("sound").GetBoolean());
    }

    public void Dispose() => _folder.Dispose();
}
