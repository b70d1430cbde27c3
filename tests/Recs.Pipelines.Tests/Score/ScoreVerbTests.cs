using System.Diagnostics;
using ParquetSharp;
using Recs.Domain.Events;
using Recs.Pipelines.Score;
using Recs.Pipelines.Tests.CommandLine;

namespace Recs.Pipelines.Tests.Score;

[Collection(nameof(ConsoleTests))]
public sealed class ScoreVerbTests(SmallModel model) : IClassFixture<SmallModel>, IDisposable
{
    private readonly TestFolder _folder = new();

    [Theory]
    [InlineData("in.parquet", "out.parquet")]
    [InlineData("optional.parquet", "out.arrow")]
    [InlineData("in.arrow", "out.arrow")]
    [InlineData("in.arrow", "out.parquet")]
    [InlineData("stream.arrow", "out.parquet")]
    public async Task Score_AnyForm_EveryHeadOfEveryRowInOrder(string input, string output)
    {
        var table = Table(2_500);
        using (var file = File.Create(_folder.In("in.arrow"))) table.WriteArrow(file, 700, asFile: true);
        using (var file = File.Create(_folder.In("stream.arrow"))) table.WriteArrow(file, 700, asFile: false);
        table.WriteParquet(_folder.In("in.parquet"), 700);
        table.WriteParquet(_folder.In("optional.parquet"), 700, optional: true);
        var said = await RecsProgram.Succeed("score", "--model", model.Path, "--input", _folder.In(input), "--output", _folder.In(output), "--json", _folder.In("score.json"));
        Assert.Contains("2,500 rows", said, StringComparison.Ordinal);
        Assert.Contains("\"rows\": 2500", await File.ReadAllTextAsync(_folder.In("score.json"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        var scores = Read(output);
        AssertScores(table, scores, Enumerable.Range(0, table.Rows));
        Assert.Equal([700, 700, 700, 400], scores.Parts);
        Assert.Equal((model.Model.Version, "v1"), (scores.Metadata[ScorePlan.ModelKey], scores.Metadata[ScorePlan.EmbeddingKey]));
        Assert.DoesNotContain(Directory.GetFiles(_folder.Path), file => file.EndsWith(".partial", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Score_AnyThreads_SameBytes()
    {
        Table(3_000).WriteParquet(_folder.In("in.parquet"), 250);
        foreach (var threads in (string[])["1", "2", "5"])
            await RecsProgram.Succeed("score", "--model", model.Path, "--input", _folder.In("in.parquet"), "--output", _folder.In($"out-{threads}.parquet"), "--threads", threads);
        var one = await File.ReadAllBytesAsync(_folder.In("out-1.parquet"), TestContext.Current.CancellationToken);
        Assert.Equal(one, await File.ReadAllBytesAsync(_folder.In("out-2.parquet"), TestContext.Current.CancellationToken));
        Assert.Equal(one, await File.ReadAllBytesAsync(_folder.In("out-5.parquet"), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("in.parquet", 3)]
    [InlineData("in.arrow", 3)]
    [InlineData("in.parquet", 9)] // more shards than row groups
    public async Task Score_Shards_TogetherAreTheWhole(string input, int shards)
    {
        var table = Table(1_000);
        table.WriteParquet(_folder.In("in.parquet"), 140);
        using (var file = File.Create(_folder.In("in.arrow"))) table.WriteArrow(file, 140, asFile: true);
        var seen = new List<string>();
        for (var shard = 0; shard < shards; shard++)
        {
            await RecsProgram.Succeed("score", "--model", model.Path, "--input", _folder.In(input), "--output", _folder.In("shard.parquet"), "--shard", $"{shard}/{shards}");
            var scores = Read("shard.parquet");
            AssertScores(table, scores, scores.Items.Select(item => int.Parse(item[1..], System.Globalization.CultureInfo.InvariantCulture)));
            seen.AddRange(scores.Items);
        }
        Assert.Equal(table.Items.Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Score_NoRows_NoScores()
    {
        Table(0).WriteParquet(_folder.In("in.parquet"), 10);
        await RecsProgram.Succeed("score", "--model", model.Path, "--input", _folder.In("in.parquet"), "--output", _folder.In("out.parquet"));
        Assert.Empty(Read("out.parquet").Users);
    }

    [Theory]
    [InlineData("missing", "has no column 'item_age_days'")]
    [InlineData("double", "holds double, the model reads float")]
    [InlineData("nan", "row 401: item_age_days is NaN, expected a finite number")]
    [InlineData("infinite", "row 402: item_age_days is Infinity, expected a finite number")]
    [InlineData("null", "item_age_days is missing in one")]
    [InlineData("schema", "was made with feature schema 0123456789abcdef, the model needs")]
    [InlineData("embedding", "was made with embedding version v2, the model needs v1")]
    [InlineData("empty", "is empty")]
    [InlineData("garbage", "cannot read")]
    [InlineData("truncated", "cannot read")]
    [InlineData("user", "column 'user' holds int32 (int), expected text")]
    public async Task Score_WrongInput_IsRefusedAndLeavesNothing(string what, string message)
    {
        var (input, age) = (_folder.In("in.parquet"), AgeColumn());
        message = message.Replace("item_age_days", age, StringComparison.Ordinal);
        var table = Table(600);
        switch (what)
        {
            case "missing":
                new FeatureTable([.. table.Columns.Where(column => column != age)], 600, 1).WriteParquet(input, 100);
                break;
            case "double":
                Write(input, [.. table.Columns.Select(name => (Column)new Column<double>(name))], new double[600]);
                break;
            case "user":
                Write(input, [new Column<int>("user"), .. table.Columns.Select(name => (Column)new Column<float>(name))], new float[600], new int[600]);
                break;
            case "null":
                Write(input, [.. table.Columns.Select(name => (Column)new Column<float?>(name))], [.. Enumerable.Range(0, 600).Select(row => row == 401 ? null : (float?)1)]);
                message = "is missing in one";
                break;
            case "nan" or "infinite":
                table.Values[table.Columns.ToList().IndexOf(age)][what == "nan" ? 401 : 402] = what == "nan" ? float.NaN : float.PositiveInfinity;
                table.WriteParquet(input, 100);
                break;
            case "schema" or "embedding":
                table.Metadata[what == "schema" ? ScorePlan.SchemaKey : ScorePlan.EmbeddingKey] = what == "schema" ? "0123456789abcdef" : "v2";
                table.WriteParquet(input, 100);
                break;
            case "empty":
                File.WriteAllText(input, "");
                break;
            case "garbage":
                File.WriteAllText(input, "this is no table at all");
                break;
            default:
                table.WriteParquet(input, 100);
                File.WriteAllBytes(input, File.ReadAllBytes(input)[..^60]);
                break;
        }
        var refused = await RecsProgram.Fail(1, "score", "--model", model.Path, "--input", input, "--output", _folder.In("out.parquet"));
        Assert.Contains(message, refused, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", refused, StringComparison.Ordinal);
        Assert.Equal(["in.parquet"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("missing", "has no column 'item_age_days'")]
    [InlineData("nan", "row 401: item_age_days is NaN, expected a finite number")]
    [InlineData("schema", "was made with feature schema 0123456789abcdef, the model needs")]
    [InlineData("embedding", "was made with embedding version v2, the model needs v1")]
    [InlineData("empty", "is empty")]
    [InlineData("garbage", "cannot read")]
    [InlineData("truncated", "cannot read")]
    public async Task Score_WrongArrow_IsRefusedAndLeavesNothing(string what, string message)
    {
        var (input, age) = (_folder.In("in.arrow"), AgeColumn());
        var table = what == "missing" ? new FeatureTable([.. model.Model.Schema.Columns.Where(column => column != age)], 600, 1) : Table(600);
        if (what == "nan") table.Values[table.Columns.ToList().IndexOf(age)][401] = float.NaN;
        if (what is "schema" or "embedding") table.Metadata[what == "schema" ? ScorePlan.SchemaKey : ScorePlan.EmbeddingKey] = what == "schema" ? "0123456789abcdef" : "v2";
        using (var file = File.Create(input)) table.WriteArrow(file, 100, asFile: true);
        if (what == "empty") File.WriteAllText(input, "");
        if (what == "garbage") File.WriteAllText(input, "this is no table at all");
        if (what == "truncated") File.WriteAllBytes(input, File.ReadAllBytes(input)[..^60]);
        Assert.Contains(message.Replace("item_age_days", age, StringComparison.Ordinal), await RecsProgram.Fail(1, "score", "--model", model.Path, "--input", input, "--output", _folder.In("out.arrow")), StringComparison.Ordinal);
        Assert.Equal(["in.arrow"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("nan", "row 401: item_age_days is NaN, expected a finite number")]
    [InlineData("schema", "was made with feature schema 0123456789abcdef")]
    [InlineData("none", "was made with feature schema (none named)")]
    [InlineData("missing", "item_age_days")]
    public async Task Score_RankWrongInput_IsRefusedInALineAndLeavesNothing(string what, string message)
    {
        var (input, age) = (_folder.In("in.parquet"), AgeColumn());
        var table = what == "missing" ? new FeatureTable([.. model.Model.Schema.Columns.Where(column => column != age)], 600, 1) : Table(600);
        if (what != "none") table.Metadata[ScorePlan.SchemaKey] = what == "schema" ? "0123456789abcdef" : model.Model.Schema.Hash;
        table.Metadata[ScorePlan.EmbeddingKey] = "v1";
        if (what == "nan") table.Values[table.Columns.ToList().IndexOf(age)][401] = float.NaN;
        table.WriteParquet(input, 100);
        var refused = await RecsProgram.Fail(1, "score", "--model", model.Path, "--input", input, "--output", _folder.In("out.parquet"), "--rank");
        Assert.Contains(message.Replace("item_age_days", age, StringComparison.Ordinal), refused, StringComparison.Ordinal);
        Assert.DoesNotContain("a fault of Recs itself", refused, StringComparison.Ordinal);
        Assert.Equal(["in.parquet"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Score_Folder_DoesNotDoAgainWhatIsDone()
    {
        Directory.CreateDirectory(_folder.In("in"));
        for (var file = 0; file < 4; file++) new FeatureTable(model.Model.Schema.Columns, 300, file).WriteParquet(_folder.In($"in/part-{file}.parquet"), 100);
        string[] arguments = ["score", "--model", model.Path, "--input", _folder.In("in"), "--output", _folder.In("out")];
        Assert.Contains("1,200 rows, model", await RecsProgram.Succeed(arguments), StringComparison.Ordinal);
        Assert.Equal(4, Directory.GetFiles(_folder.In("out")).Length);

        // One gone, one changed, one broken: these are made again.
        var times = File.GetLastWriteTimeUtc(_folder.In("out/part-3.parquet"));
        File.Delete(_folder.In("out/part-0.parquet"));
        new FeatureTable(model.Model.Schema.Columns, 450, 9).WriteParquet(_folder.In("in/part-1.parquet"), 100);
        File.WriteAllText(_folder.In("out/part-2.parquet"), "broken");
        Assert.Contains("1,050 rows, 1 files were there already", await RecsProgram.Succeed(arguments), StringComparison.Ordinal);
        Assert.Equal(times, File.GetLastWriteTimeUtc(_folder.In("out/part-3.parquet")));
        Assert.Equal(450, Read("out/part-1.parquet").Users.Length);
        Assert.Equal(300, Read("out/part-2.parquet").Users.Length);
    }

    [Theory]
    [InlineData("parquet")]
    [InlineData("arrow")]
    public async Task Score_Folder_InputOfTheSameSize_IsScoredAnewWhereItsContentChanged(string form)
    {
        Directory.CreateDirectory(_folder.In("in"));
        var (changed, copied) = (_folder.In($"in/changed.{form}"), _folder.In($"in/copied.{form}"));
        var table = Table(400);
        foreach (var file in new[] { changed, copied }) Write(table, file);
        string[] arguments = ["score", "--model", model.Path, "--input", _folder.In("in"), "--output", _folder.In("out")];
        Assert.Contains("800 rows, model", await RecsProgram.Succeed(arguments), StringComparison.Ordinal);
        var made = await File.ReadAllBytesAsync(_folder.In($"out/copied.{form}"), TestContext.Current.CancellationToken);

        // Two numbers of a column change places, where compression makes as many bytes of them as before; the other file is put in its place anew.
        var size = new FileInfo(changed).Length;
        for (var row = 130; row < 190; row++)
        {
            (table.Values[0][row], table.Values[0][row + 5]) = (table.Values[0][row + 5], table.Values[0][row]);
            Write(table, changed);
            if (new FileInfo(changed).Length == size && table.Values[0][row] != table.Values[0][row + 5]) break;
            (table.Values[0][row], table.Values[0][row + 5]) = (table.Values[0][row + 5], table.Values[0][row]);
        }
        Assert.Equal(size, new FileInfo(changed).Length);
        Assert.NotEqual(Table(400).Values[0], table.Values[0]);
        File.Copy(copied, _folder.In("aside"));
        File.Delete(copied);
        File.Copy(_folder.In("aside"), copied);
        File.SetLastWriteTimeUtc(copied, File.GetLastWriteTimeUtc(changed).AddHours(1));
        Assert.Contains("400 rows, 1 files were there already", await RecsProgram.Succeed(arguments), StringComparison.Ordinal);
        AssertScores(table, Read($"out/changed.{form}"), Enumerable.Range(0, table.Rows));
        Assert.Equal(made, await File.ReadAllBytesAsync(_folder.In($"out/copied.{form}"), TestContext.Current.CancellationToken));
        Assert.Contains("0 rows, 2 files were there already", await RecsProgram.Succeed(arguments), StringComparison.Ordinal);

        void Write(FeatureTable rows, string path)
        {
            if (form == "parquet")
            {
                rows.WriteParquet(path, 100);
                return;
            }
            using var file = File.Create(path);
            rows.WriteArrow(file, 100, asFile: true);
        }
    }

    [Fact]
    public async Task Score_FolderInShards_AFileMoreBefore_MovesThePartsOfLaterFiles()
    {
        Directory.CreateDirectory(_folder.In("in"));
        var table = Table(250);
        table.WriteParquet(_folder.In("in/b.parquet"), 100); // row groups 0, 1 and 2
        string[] Arguments(int shard) => ["score", "--model", model.Path, "--input", _folder.In("in"), "--output", _folder.In("out"), "--shard", $"{shard}/2"];
        for (var shard = 0; shard < 2; shard++) await RecsProgram.Succeed(Arguments(shard));
        Table(90).WriteParquet(_folder.In("in/a.parquet"), 100); // now they are 1, 2 and 3
        for (var shard = 0; shard < 2; shard++) await RecsProgram.Succeed(Arguments(shard));
        Assert.Equal(Enumerable.Range(100, 100).Select(row => table.Items[row]), Read("out/b.shard-0-of-2.parquet").Items);
        Assert.Equal(table.Items.Where((_, row) => row is < 100 or >= 200), Read("out/b.shard-1-of-2.parquet").Items);
        Assert.Contains("0 rows, 1 files were there already", await RecsProgram.Succeed(Arguments(1)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Score_FolderInShards_TogetherAreTheWhole()
    {
        Directory.CreateDirectory(_folder.In("in"));
        for (var file = 0; file < 5; file++) Table(250).WriteParquet(_folder.In($"in/part-{file}.parquet"), file % 2 == 0 ? 100 : 400);
        for (var shard = 0; shard < 4; shard++)
            await RecsProgram.Succeed("score", "--model", model.Path, "--input", _folder.In("in"), "--output", _folder.In("out"), "--shard", $"{shard}/4");
        var files = Directory.GetFiles(_folder.In("out"));
        Assert.Equal(5 * 250, files.Sum(file => ScoreTable.ReadParquet(file).Users.Length));
        for (var file = 0; file < 5; file++)
            Assert.Equal(250, files.Where(path => Path.GetFileName(path).StartsWith($"part-{file}.shard-", StringComparison.Ordinal)).SelectMany(path => ScoreTable.ReadParquet(path).Items).Distinct().Count());
        // Row groups are dealt out over all files: no shard is left without work.
        Assert.Equal(4, files.Select(path => path.Split(".shard-")[1]).Distinct().Count());
    }

    [Fact]
    public async Task Score_FolderKilled_LeavesWholeFilesAndGoesOn()
    {
        const int files = 30;
        Directory.CreateDirectory(_folder.In("in"));
        for (var file = 0; file < files; file++) new FeatureTable(model.Model.Schema.Columns, 20_000, file).WriteParquet(_folder.In($"in/part-{file:D2}.parquet"), 5_000);
        string[] arguments = ["score", "--model", model.Path, "--input", _folder.In("in"), "--output", _folder.In("cut")];
        using (var process = Start(arguments))
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
            while (!process.HasExited && !File.Exists(_folder.In("cut/part-01.parquet"))) await Task.Delay(1, patience.Token);
            process.Kill(); // SIGKILL
            await process.WaitForExitAsync(patience.Token);
        }
        var left = Directory.GetFiles(_folder.In("cut"), "*.parquet");
        Assert.InRange(left.Length, 2, files - 1);
        Assert.All(left, file => Assert.Equal(20_000, ScoreTable.ReadParquet(file).Users.Length));

        Assert.Contains($"{left.Length} files were there already", await RecsProgram.Succeed(arguments), StringComparison.Ordinal);
        await RecsProgram.Succeed("score", "--model", model.Path, "--input", _folder.In("in"), "--output", _folder.In("whole"));
        for (var file = 0; file < files; file++)
            Assert.Equal(await File.ReadAllBytesAsync(_folder.In($"whole/part-{file:D2}.parquet"), TestContext.Current.CancellationToken), await File.ReadAllBytesAsync(_folder.In($"cut/part-{file:D2}.parquet"), TestContext.Current.CancellationToken));
        Assert.DoesNotContain(Directory.GetFiles(_folder.In("cut")), file => file.EndsWith(".partial", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Score_Filter_IsAStreamIntoAStream()
    {
        var table = Table(1_900);
        using var process = Start(["score", "--model", model.Path, "-"], pipe: true);
        var sending = Task.Run(() =>
        {
            table.WriteArrow(process.StandardInput.BaseStream, 300, asFile: false);
            process.StandardInput.Close();
        }, TestContext.Current.CancellationToken);
        using var received = new MemoryStream();
        await process.StandardOutput.BaseStream.CopyToAsync(received, TestContext.Current.CancellationToken);
        await sending;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        received.Position = 0;
        AssertScores(table, ScoreTable.ReadArrow(received, asFile: false), Enumerable.Range(0, table.Rows));
    }

    [Fact]
    public async Task Score_WrongUsage_IsSaidInALine()
    {
        Assert.Contains("--input and --output are needed", await RecsProgram.Fail(2, "score", "--model", model.Path), StringComparison.Ordinal);
        Assert.Contains("range 1 to 1,024", await RecsProgram.Fail(2, "score", "--model", model.Path, "--input", "x", "--output", "y", "--threads", "0"), StringComparison.Ordinal);
        Assert.Contains("leave --input and --output out", await RecsProgram.Fail(2, "score", "--model", model.Path, "-", "--input", "x"), StringComparison.Ordinal);
        Assert.Contains("only - may stand alone", await RecsProgram.Fail(2, "score", "--model", model.Path, "x"), StringComparison.Ordinal);
        Table(5).WriteParquet(_folder.In("in.parquet"), 5);
        foreach (var shard in (string[])["3", "3/3", "-1/3", "0/0", "a/b"])
            Assert.Contains("expected I/N", await RecsProgram.Fail(1, "score", "--model", model.Path, "--input", _folder.In("in.parquet"), "--output", _folder.In("out.parquet"), $"--shard={shard}"), StringComparison.Ordinal);
        Assert.Contains("ends in .parquet or .arrow", await RecsProgram.Fail(1, "score", "--model", model.Path, "--input", _folder.In("in.parquet"), "--output", _folder.In("out.csv")), StringComparison.Ordinal);
        Assert.Contains("is the input", await RecsProgram.Fail(1, "score", "--model", model.Path, "--input", _folder.In("in.parquet"), "--output", _folder.In("in.parquet")), StringComparison.Ordinal);
        Assert.Contains("is not there", await RecsProgram.Fail(1, "score", "--model", model.Path, "--input", _folder.In("none.parquet"), "--output", _folder.In("out.parquet")), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private FeatureTable Table(int rows) => new(model.Model.Schema.Columns, rows, rows);

    private string AgeColumn() => model.Model.Schema.Columns[^1];

    private ScoreTable Read(string name)
    {
        if (name.EndsWith(".parquet", StringComparison.Ordinal)) return ScoreTable.ReadParquet(_folder.In(name));
        using var file = File.OpenRead(_folder.In(name));
        return ScoreTable.ReadArrow(file, asFile: true);
    }

    /// <summary>The scores of these rows, with the bits that each row alone has.</summary>
    private void AssertScores(FeatureTable table, ScoreTable scores, IEnumerable<int> rows)
    {
        int[] expected = [.. rows];
        Assert.Equal(expected.Select(row => table.Users[row]), scores.Users);
        Assert.Equal(expected.Select(row => table.Items[row]), scores.Items);
        Assert.Equal(["click", "conversion"], scores.Heads.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, action) in (ValueTuple<string, InteractionType>[])[("click", InteractionType.Click), ("conversion", InteractionType.Conversion)])
            for (var at = 0; at < expected.Length; at++) Assert.Equal(model.Model.Head(action)!.Probability(table.Row(expected[at])), scores.Heads[name][at]);
    }

    /// <summary>A file of one row group; every column but those of another type holds <paramref name="values"/>.</summary>
    private static void Write<T>(string path, Column[] columns, T[] values, int[]? users = null)
    {
        using var writer = new ParquetFileWriter(path, columns);
        using var rows = writer.AppendRowGroup();
        foreach (var column in columns)
        {
            if (column is Column<int>) Add(rows, users!);
            else Add(rows, values);
        }
        writer.Close();

        static void Add<TValue>(RowGroupWriter rows, TValue[] values)
        {
            using var into = rows.NextColumn().LogicalWriter<TValue>();
            into.WriteBatch(values);
        }
    }

    private static Process Start(string[] arguments, bool pipe = false)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "recs.dll"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = pipe };
        var process = Process.Start(start)!;
        process.BeginErrorReadLine();
        if (!pipe) process.BeginOutputReadLine();
        return process;
    }
}
