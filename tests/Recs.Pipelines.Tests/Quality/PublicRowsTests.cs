using System.Text;
using System.Text.Json;
using Recs.Pipelines.Tests.CommandLine;
using Recs.Tests;

namespace Recs.Pipelines.Tests.Quality;

/// <summary>
/// The protocols from end to end, and <c>--test FILE</c>, on a part of the public rows: a few users, and splits made of what is public. Figures of so few rows say little; what is
/// held is that all parts are there and that a test file is judged as the same rows are in their place. Skipped without the data, which may not be passed on.
/// </summary>
[Collection(nameof(ConsoleTests))]
public sealed class PublicRowsTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Collm_ValidationHalvesAsValidationAndTest_AreJudgedInBothRegimes()
    {
        var data = Data("collm-ml1m");
        var train = Lines(data, "train.tsv");
        var users = train.Skip(1).Select(User).Distinct().Where((_, at) => at % 5 == 0).ToHashSet(StringComparer.Ordinal);
        var valid = Lines(data, "valid.tsv");
        List<string> later = [.. valid.Skip(1).Where(row => users.Contains(User(row))).OrderBy(Seconds)];
        var border = Seconds(later[later.Count / 2]);
        _folder.Write("train.tsv", Text([train[0], .. train.Skip(1).Where(row => users.Contains(User(row)))]));
        _folder.Write("valid.tsv", Text([valid[0], .. later.Where(row => Seconds(row) < border)]));
        var test = _folder.Write("later.tsv", Text([valid[0], .. later.Where(row => Seconds(row) >= border)]));
        foreach (var file in new[] { "items.tsv", "movies.dat" }) File.Copy(Path.Combine(data, file), _folder.In(file));

        var result = await Judge("collm-ml1m", test);
        var rows = result.GetProperty("rows");
        Assert.Equal(later.Count(row => Seconds(row) >= border), rows.GetProperty("test").GetInt32());
        Assert.Equal(later.Count, rows.GetProperty("test").GetInt32() + rows.GetProperty("valid").GetInt32());
        Assert.Contains("frozen (counters stand still", result.GetProperty("protocol").GetString(), StringComparison.Ordinal);
        var ablations = result.GetProperty("ablations");
        foreach (var figures in new[] { result.GetProperty("metrics"), result.GetProperty("prequential"), ablations.GetProperty("two_counters"), ablations.GetProperty("no_embeddings"),
            ablations.GetProperty("prequential_two_counters"), ablations.GetProperty("prequential_no_embeddings") })
        {
            Assert.InRange(figures.GetProperty("auc").GetDouble(), 0.6, 0.95);
            Assert.InRange(figures.GetProperty("uauc").GetDouble(), 0.5, 0.95);
        }
        Assert.NotEqual(result.GetProperty("metrics").GetProperty("auc").GetDouble(), result.GetProperty("prequential").GetProperty("auc").GetDouble());
        Assert.Contains("before valid.tsv ends", await RecsProgram.Fail(1, "quality", "--dataset", "collm-ml1m", "--data", _folder.Path, "--test", _folder.In("train.tsv")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task MovieLens100k_LastTenthAsATestFile_IsJudgedAsInItsPlace()
    {
        var data = Data("ml-100k");
        // Whole users, in the order of the file; of one second all or none, so that the border between the parts is one of time.
        List<string> ratings = [.. Lines(data, "u.data").Where(row => int.Parse(User(row), null) % 7 == 0).OrderBy(Seconds)];
        var items = ratings.Select(row => row.Split('\t')[1]).ToHashSet(StringComparer.Ordinal);
        _folder.Write("u.data", Text(ratings));
        File.WriteAllLines(_folder.In("u.item"), File.ReadLines(Path.Combine(data, "u.item"), Encoding.Latin1).Where(row => items.Contains(row.Split('|')[0])), Encoding.Latin1);
        File.Copy(Path.Combine(data, "u.user"), _folder.In("u.user"));
        var border = Seconds(ratings[(int)(ratings.Count * 0.9)]);
        var test = _folder.Write("later.data", Text([.. ratings.Where(row => Seconds(row) >= border)]));

        var (within, beside) = (await Judge("ml-100k", null), await Judge("ml-100k", test));
        Assert.Equal(within.GetProperty("rows").GetRawText(), beside.GetProperty("rows").GetRawText());
        Assert.Equal(within.GetProperty("metrics").GetRawText(), beside.GetProperty("metrics").GetRawText());
        Assert.Equal(within.GetProperty("ablations").GetRawText(), beside.GetProperty("ablations").GetRawText());
        foreach (var name in new[] { "counters", "counters_and_texts", "two_counters", "no_embeddings", "frozen", "frozen_two_counters" })
            Assert.InRange(within.GetProperty("ablations").GetProperty(name).GetProperty("auc").GetDouble(), 0.55, 0.95);
        Assert.Contains("a test file holds ratings after the validation period begins", await RecsProgram.Fail(1, "quality", "--dataset", "ml-100k", "--data", _folder.Path, "--test", _folder.In("u.data")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Frappe_ValidationAsATestFile_IsJudgedWithUnseenPairsAndWithoutUsers()
    {
        var data = Data("frappe-x1");
        foreach (var name in new[] { "train.csv", "valid.csv" })
            _folder.Write(name, Text([.. Lines(data, name).Where((row, at) => at == 0 || at % 12 == 1)]));
        foreach (var file in new[] { "feature_map.tsv", "meta.csv" }) File.Copy(Path.Combine(data, file), _folder.In(file));

        var result = await Judge("frappe-x1", _folder.In("valid.csv"), "--learner", "fasttree");
        Assert.Equal(Lines(_folder.Path, "valid.csv").Count - 1, result.GetProperty("rows").GetProperty("test").GetInt32());
        Assert.Equal(result.GetProperty("valid").GetProperty("auc").GetDouble(), result.GetProperty("metrics").GetProperty("auc").GetDouble(), 12); // they are the same rows
        Assert.InRange(result.GetProperty("metrics").GetProperty("auc").GetDouble(), 0.9, 1);
        Assert.InRange(result.GetProperty("unseen_pairs").GetProperty("auc").GetDouble(), 0.6, 1);
        Assert.InRange(result.GetProperty("no_user").GetProperty("auc").GetDouble(), 0.8, 1);
    }

    [Fact]
    public async Task IPinYou_ItsOwnLogAsATestFile_GivesTheSameFigures()
    {
        var data = Data("ipinyou-2997");
        File.Copy(Path.Combine(data, "info.json"), _folder.In("info.json"));
        File.Copy(Path.Combine(data, "test.theta.txt"), _folder.In("test.theta.txt"));
        File.Copy(Path.Combine(data, "test.theta.txt"), _folder.In("elsewhere.txt"));
        Assert.Equal((await Judge("ipinyou-2997", null)).GetProperty("metrics").GetRawText(), (await Judge("ipinyou-2997", _folder.In("elsewhere.txt"))).GetProperty("metrics").GetRawText());
    }

    private async Task<JsonElement> Judge(string dataset, string? test, params string[] more)
    {
        await RecsProgram.Succeed(["quality", "--dataset", dataset, "--data", _folder.Path, "--json", _folder.In("q.json"), .. test is null ? Array.Empty<string>() : ["--test", test], .. more]);
        return JsonDocument.Parse(File.ReadAllText(_folder.In("q.json"))).RootElement;
    }

    private static string Data(string name)
    {
        var data = Requirements.Shared("data/" + name);
        Requirements.Need("shared", data is not null, $"the folder ../shared/data/{name} is not on this machine");
        return data!;
    }

    private static List<string> Lines(string folder, string name) => [.. File.ReadLines(Path.Combine(folder, name))];

    private static string Text(IReadOnlyList<string> lines) => string.Join('\n', lines) + "\n";

    private static string User(string row) => row.Split('\t')[0];

    private static long Seconds(string row) => long.Parse(row.Split('\t')[3], null);
}
