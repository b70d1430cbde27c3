using System.Text.Json;
using Recs.Pipelines.Tests.CommandLine;
using Recs.Tests;

namespace Recs.Pipelines.Tests.Quality;

[Collection(nameof(ConsoleTests))]
public sealed class QualityVerbTests : IDisposable
{
    private readonly TestFolder _folder = new();

    [Fact]
    public async Task Quality_UnknownDatasetFolderOrTest_IsRefused()
    {
        Assert.Contains("it judges online-retail", await RecsProgram.Fail(1, "quality", "--dataset", "netflix", "--data", _folder.Path), StringComparison.Ordinal);
        Assert.Contains("there is no folder", await RecsProgram.Fail(1, "quality", "--dataset", "open-bandit", "--data", _folder.In("nowhere")), StringComparison.Ordinal);
        Assert.Contains("--test names auctions", await RecsProgram.Fail(1, "quality", "--dataset", "ipinyou-2997", "--data", _folder.Path, "--test", _folder.In("none.txt")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenBandit_SmallLogs_EstimatesAndWritesAPage()
    {
        WriteBandit("random", "0,t,7,1,1,0.5\n1,t,8,1,0,0.5\n2,t,7,1,0,0.5\n3,t,8,2,1,0.5\n");
        WriteBandit("bts", "0,t,7,1,0,0.9\n1,t,7,1,1,0.9\n2,t,7,1,0,0.9\n3,t,8,1,0,0.1\n4,t,8,2,1,0.5\n");
        await RecsProgram.Succeed("quality", "--dataset", "open-bandit", "--data", _folder.Path, "--json", _folder.In("q.json"), "--html", _folder.In("q.html"));
        var result = JsonDocument.Parse(File.ReadAllText(_folder.In("q.json"))).RootElement;
        var metrics = result.GetProperty("metrics");
        // Shares: item 7 has ¾ at position 1, item 8 ¼, and all of position 2. Weights 1.5, .5, 1.5, 2.
        Assert.Equal((1.5 + 2) / 4, metrics.GetProperty("ips").GetDouble(), 12);
        Assert.Equal(3.5 / 5.5, metrics.GetProperty("snips").GetDouble(), 12);
        // Mean clicks: .5 (7 at 1), 0 (8 at 1), 1 (8 at 2): three rows of .375 and one of 1.
        Assert.Equal((3 * .375 + 1) / 4, metrics.GetProperty("dm").GetDouble(), 12);
        Assert.Equal(5.5 * 5.5 / (1.5 * 1.5 + .25 + 1.5 * 1.5 + 4), metrics.GetProperty("ess").GetDouble(), 12);
        Assert.Equal(4, result.GetProperty("rows").GetProperty("test").GetInt32());
        Assert.Equal(.4, result.GetProperty("ablations").GetProperty("bts_log").GetProperty("ips").GetDouble(), 12);
        var page = File.ReadAllText(_folder.In("q.html"));
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("http", page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("snips", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0,t,7,1,1,0\n", "propensity_score is 0")]
    [InlineData("0,t,7,1,2,0.5\n", "click is '2', expected a whole number from 0 to 1")]
    [InlineData("0,t,x,1,1,0.5\n", "item_id is 'x'")]
    [InlineData("0,t,7,1,1,NaN\n", "propensity_score is 'NaN'")]
    [InlineData("0,t,7,1\n", "4 columns, the first row names 6")]
    [InlineData("", "holds no rows")]
    public async Task OpenBandit_WrongValue_IsRefusedByName(string rows, string message)
    {
        WriteBandit("random", rows);
        WriteBandit("bts", "0,t,7,1,0,0.9\n");
        Assert.Contains(message, await RecsProgram.Fail(1, "quality", "--dataset", "open-bandit", "--data", _folder.Path), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenBandit_MissingColumn_IsRefusedByName()
    {
        WriteBandit("bts", "0,t,7,1,0,0.9\n");
        WriteBandit("random", "0,t,7,1,0,0.9\n", header: ",timestamp,item_id,position,clicks,propensity_score\n");
        Assert.Contains("has no column 'click'", await RecsProgram.Fail(1, "quality", "--dataset", "open-bandit", "--data", _folder.Path), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenBandit_PublishedLog_GivesTheKnownFigures()
    {
        var metrics = (await Shared("open-bandit", "open-bandit")).GetProperty("metrics");
        foreach (var (name, expected) in new[] { ("ips", 0.00565626670), ("snips", 0.00573986470), ("dm", 0.00568185857), ("dr", 0.00568185857) })
            Assert.Equal(expected, metrics.GetProperty(name).GetDouble(), 11);
        Assert.Equal(2869.275, metrics.GetProperty("ess").GetDouble(), 3);
    }

    [Fact]
    public async Task IPinYou_Campaign2997_ReproducesThePublishedBidders()
    {
        var result = await Shared("ipinyou-2997", "ipinyou-2997");
        var ablations = result.GetProperty("ablations");
        Assert.Equal((14_752, 48, 307_751), Won(ablations.GetProperty("mcpc")));
        Assert.Equal((32_208, 71, 203_610), Won(ablations.GetProperty("lin")));
        Assert.Equal((39_680, 78, 304_375), Won(ablations.GetProperty("rlb")));
        Assert.InRange(Won(result.GetProperty("metrics")).Clicks, 80, 90);

        static (int Impressions, int Clicks, int Cost) Won(JsonElement figures) =>
            (figures.GetProperty("impressions").GetInt32(), figures.GetProperty("clicks").GetInt32(), figures.GetProperty("cost").GetInt32());
    }

    [Theory]
    [InlineData("1 20", "2 values, expected 3")]
    [InlineData("2 20 0.1", "the click is '2'")]
    [InlineData("1 -1 0.1", "the market price is '-1'")]
    [InlineData("1 20 1.5", "the predicted click rate is '1.5'")]
    [InlineData("", "holds no auctions")]
    public async Task IPinYou_WrongLine_IsRefusedWithItsNumber(string line, string message)
    {
        _folder.Write("info.json", """{"imp_train":100,"clk_train":2,"cost_train":900,"price_counter_train":[0,5,5]}""");
        _folder.Write("test.theta.txt", line.Length == 0 ? "" : "0 3 0.01\n" + line + "\n");
        var refused = await RecsProgram.Fail(1, "quality", "--dataset", "ipinyou-2997", "--data", _folder.Path);
        Assert.Contains(message, refused, StringComparison.Ordinal);
        if (line.Length > 0) Assert.Contains("line 2", refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task IPinYou_BrokenHistory_IsRefused()
    {
        _folder.Write("info.json", """{"imp_train":0,"clk_train":2,"cost_train":900,"price_counter_train":[0,5,5]}""");
        Assert.Contains("must be above 0", await RecsProgram.Fail(1, "quality", "--dataset", "ipinyou-2997", "--data", _folder.Path), StringComparison.Ordinal);
        _folder.Write("info.json", """{"imp_train":7}""");
        Assert.Contains("clk_train", await RecsProgram.Fail(1, "quality", "--dataset", "ipinyou-2997", "--data", _folder.Path), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private async Task<JsonElement> Shared(string dataset, string path)
    {
        var data = Requirements.Shared("data/" + path);
        Requirements.Need("shared", data is not null, $"the folder ../shared/data/{path} is not on this machine");
        await RecsProgram.Succeed("quality", "--dataset", dataset, "--data", data!, "--json", _folder.In("q.json"));
        return JsonDocument.Parse(File.ReadAllText(_folder.In("q.json"))).RootElement;
    }

    private void WriteBandit(string policy, string rows, string header = ",timestamp,item_id,position,click,propensity_score\n")
    {
        Directory.CreateDirectory(_folder.In(Path.Combine(policy, "men")));
        _folder.Write(Path.Combine(policy, "men", "men.csv"), header + rows);
    }
}
