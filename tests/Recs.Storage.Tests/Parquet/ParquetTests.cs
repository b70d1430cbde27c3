using Recs.Domain;
using Recs.Domain.Ranking;
using Recs.Storage.Parquet;
using Recs.Storage.Scores;
using Recs.Tests;

namespace Recs.Storage.Tests.Parquet;

public sealed class ParquetTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("recs-parquet-").FullName;

    private static readonly ParquetColumn[] Columns =
    [
        new("te xt", ParquetType.Text), new("float", ParquetType.Float), new("double", ParquetType.Double), new("in\"t", ParquetType.Int),
        new("long", ParquetType.Long), new("time", ParquetType.Timestamp), new("bool", ParquetType.Bool),
    ];

    private string File => Path.Combine(_folder, "a 'b' [c]*.parquet");

    [Fact]
    public void Read_WhatWasWritten_IsTheSame()
    {
        using (var writer = new ParquetWriter(File, Columns, new Dictionary<string, string> { ["schema_hash"] = "it's é", ["a b"] = "" }))
        {
            Row(writer, "'; drop table row; -- 😀", 0.1f, Math.PI, int.MinValue, long.MaxValue, new Timestamp(1_234), true);
            Row(writer, null, null, null, null, null, null, null);
            Row(writer, "", float.NaN, double.NegativeInfinity, 0, 0, new Timestamp(-1), false);
            Assert.False(System.IO.File.Exists(File));
            writer.Finish();
        }
        Assert.Equal([Path.GetFileName(File)], Directory.GetFiles(_folder).Select(Path.GetFileName));
        using var file = ParquetFile.Open(File);
        Assert.Equal(Columns, file.Columns);
        Assert.Equal(3, file.RowCount);
        Assert.Equal(("it's é", ""), (file.Metadata["schema_hash"], file.Metadata["a b"]));
        var batch = Assert.Single(file.Read());
        Assert.Equal(["'; drop table row; -- 😀", null, ""], batch.Texts(0).ToArray());
        Assert.Equal([0.1f, float.NaN, float.NaN], batch.Floats(1).ToArray());
        Assert.Equal([Math.PI, double.NaN, double.NegativeInfinity], batch.Doubles(2).ToArray());
        Assert.Equal([int.MinValue, 0, 0], batch.Ints(3).ToArray());
        Assert.Equal([long.MaxValue, 0, 0], batch.Longs(4).ToArray());
        Assert.Equal([new(1_234), default, new(-1)], batch.Times(5).ToArray());
        Assert.Equal([true, false, false], batch.Bools(6).ToArray());
        Assert.Equal([false, true, false], Enumerable.Range(0, 3).Select(row => batch.IsNull(1, row)));
    }

    [Fact]
    public void Read_PartsByRowGroup_GiveAllRowsInFileOrder()
    {
        const int rows = 300_000;
        using (var writer = new ParquetWriter(File, [new("n", ParquetType.Int)]))
        {
            for (var n = 0; n < rows; n++)
            {
                writer.Int(n);
                writer.EndRow();
            }
            writer.Finish();
        }
        using var file = ParquetFile.Open(File);
        Assert.True(file.RowGroups.Count > 1);
        var read = new List<long>();
        var first = 0L;
        foreach (var size in file.RowGroups)
        {
            foreach (var batch in file.Read([new("n", ParquetType.Long)], first, size)) read.AddRange(batch.Longs(0));
            first += size;
        }
        Assert.Equal(Enumerable.Range(0, rows).Select(n => (long)n), read);
        Assert.Equal(rows, file.Read().Sum(batch => batch.Count));
    }

    [Fact]
    public void Concatenation_PartsInOrder_SameRowsMetadataAndBytes()
    {
        const int rows = 7_000;
        var parts = Enumerable.Range(0, 3).Select(part => Path.Combine(_folder, $"part ['{part}]*.parquet")).ToList();
        for (var part = 0; part < parts.Count; part++)
        {
            using var writer = new ParquetWriter(parts[part], [new("id", ParquetType.Text), new("vector", ParquetType.Vector)]);
            for (var row = 0; row < (part == 1 ? 0 : rows); row++)
            {
                writer.Text($"{part}-{row}");
                writer.Vector([row, 1f / (row + 1)]);
                writer.EndRow();
            }
            writer.Finish();
        }
        var (first, second) = (Path.Combine(_folder, "first.parquet"), Path.Combine(_folder, "second.parquet"));
        foreach (var path in new[] { first, second })
            ParquetConcatenation.Write(parts, path, new Dictionary<string, string> { ["it's"] = "{title} é" }, ParquetConcatenation.LeastRowsPerGroup);
        Assert.Equal(System.IO.File.ReadAllBytes(first), System.IO.File.ReadAllBytes(second));
        using var file = ParquetFile.Open(first);
        Assert.Equal("{title} é", file.Metadata["it's"]);
        Assert.True(file.RowGroups.Count > 4);
        Assert.Equal(new ParquetColumn("vector", ParquetType.Vector), file.Columns[1]);
        var read = file.Read().SelectMany(batch => batch.Texts(0).ToArray().Zip(batch.Vectors(1).ToArray())).ToList();
        Assert.Equal(new[] { 0, 2 }.SelectMany(part => Enumerable.Range(0, rows).Select(row => $"{part}-{row}")), read.Select(row => row.First));
        Assert.Equal([6_999f, 1f / 7_000], read[^1].Second!);
        Assert.Contains("cannot write", Assert.Throws<RefusedException>(() => ParquetConcatenation.Write(parts, _folder, new Dictionary<string, string>(), 4_096)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_MissingOrBrokenFile_IsRefusedByName()
    {
        Assert.Contains(File, Assert.Throws<RefusedException>(() => ParquetFile.Open(File)).Message, StringComparison.Ordinal);
        System.IO.File.WriteAllText(File, "PAR1 but not really, and long enough to look at PAR1");
        var fault = Assert.Throws<RefusedException>(() => ParquetFile.Open(File));
        Assert.Contains(File, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
    }

    [Fact]
    public void Read_UnknownColumnOrImpossibleType_IsRefused()
    {
        using (var writer = new ParquetWriter(File, [new("name", ParquetType.Text)]))
        {
            writer.Text("no number");
            writer.EndRow();
            writer.Finish();
        }
        using var file = ParquetFile.Open(File);
        Assert.Contains("it has name", Assert.Throws<RefusedException>(() => file.Read([new("nam", ParquetType.Text)])).Message, StringComparison.Ordinal);
        Assert.Throws<RefusedException>(() => file.Read([new("name", ParquetType.Float)]).Count());
    }

    [Fact]
    public void Write_WrongTypeOrCount_IsABug()
    {
        using var writer = new ParquetWriter(File, Columns);
        Assert.Throws<InvalidOperationException>(() => writer.Float(1));
        writer.Text("a");
        Assert.Throws<InvalidOperationException>(writer.EndRow);
    }

    [Fact]
    public void Finish_FolderThatCannotBe_IsRefused()
    {
        using var writer = new ParquetWriter("/dev/null/a.parquet", [new("n", ParquetType.Int)]);
        Assert.Throws<RefusedException>(writer.Finish);
    }

    [Fact]
    public void Open_BundledPurchases_HasItsRows()
    {
        using var file = ParquetFile.Open(Path.Combine(Requirements.Root, "data", "online-retail", "purchases.parquet"));
        Assert.Equal(396_258, file.RowCount);
        Assert.Equal(file.RowCount, file.Read().Sum(batch => (long)batch.Count));
    }

    [Fact]
    public void LoadScores_AgainAndOtherVersion_ReplacesEachVersionAsAWhole()
    {
        using var store = EventStore.Open("duckdb::memory:");
        store.Migrate();
        LoadTwice(store);
    }

    [Fact]
    public void LoadScores_IntoPostgres_ReplacesEachVersionAsAWhole()
    {
        using var database = TestDatabase.Postgres();
        using var store = database.Open();
        LoadTwice(store);
    }

    [Fact]
    public void LoadScores_MissingUser_IsRefused()
    {
        ParquetColumn[] columns = [new("user", ParquetType.Text), new("item", ParquetType.Text), new("score", ParquetType.Float),
            new("rank", ParquetType.Int), new("model_version", ParquetType.Text), new("embedding_version", ParquetType.Text)];
        using (var writer = new ParquetWriter(File, columns))
        {
            writer.Text(null);
            writer.Text("i");
            writer.Float(0.5f);
            writer.Int(1);
            writer.Text("m");
            writer.Text("e");
            writer.EndRow();
            writer.Finish();
        }
        using var store = EventStore.Open("duckdb::memory:");
        store.Migrate();
        Assert.Contains("row 1", Assert.Throws<RefusedException>(() => store.LoadScores(File, new Timestamp(0))).Message, StringComparison.Ordinal);
        Assert.Empty(store.Scores(new("u"), "m"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void LoadTwice(IRecsStore store)
    {
        ScoredItem[] first = [new(new("u"), new("b"), 0.25f, 2, "m1", "e"), new(new("u"), new("a"), 0.5f, 1, "m1", "e"), new(new("v"), new("a"), 0.5f, 1, "m2", "e")];
        Assert.Equal(3, ScoreFile.Write(File, first));
        Assert.Equal(first, ScoreFile.Read(File));
        Assert.Equal(3, store.LoadScores(File, new Timestamp(5)));
        Assert.Equal(3, store.LoadScores(File, new Timestamp(6)));
        Assert.Equal([first[1], first[0]], store.Scores(new("u"), "m1"));
        ScoreFile.Write(File, [new(new("u"), new("c"), 1f, 1, "m1", "e")]);
        store.LoadScores(File, new Timestamp(7));
        Assert.Equal(["c"], store.Scores(new("u"), "m1").Select(score => score.Item.Value));
        Assert.Single(store.Scores(new("v"), "m2"));
    }

    private static void Row(ParquetWriter writer, string? text, float? real, double? number, int? whole, long? large, Timestamp? time, bool? flag)
    {
        writer.Text(text);
        writer.Float(real);
        writer.Double(number);
        writer.Int(whole);
        writer.Long(large);
        writer.Time(time);
        writer.Bool(flag);
        writer.EndRow();
    }
}
