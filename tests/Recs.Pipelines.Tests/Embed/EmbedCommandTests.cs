using Apache.Arrow;
using Apache.Arrow.Ipc;
using Recs.Embedder;
using Recs.Pipelines.CommandLine;
using Recs.Storage.Parquet;
using Recs.Tests;

namespace Recs.Pipelines.Tests.Embed;

/// <summary>The verb over the bundled model, from a file of texts to an Arrow file.</summary>
public sealed class EmbedCommandTests : IDisposable
{
    private static readonly string Model = Path.Combine(Requirements.Root, "models", "llama4-nano");
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recs-pipelines-");

    [Fact]
    public async Task Embed_JsonLines_ArrowWithVersionAndUnitVectors()
    {
        var input = Write("texts.jsonl", "{\"id\":\"a\",\"text\":\"red mug\"}\n\n{\"id\":\"b\",\"text\":\"cut \\ud83d\"}\n{\"id\":\"c\",\"text\":\"\"}\n");
        var output = Path.Combine(_folder.FullName, "out.arrow");
        Assert.Equal(0, await RecsCommandLine.RunAsync(["embed", "--model", Model, "--input", input, "--output", output]));

        using var reader = new ArrowFileReader(File.OpenRead(output));
        var batch = await reader.ReadNextRecordBatchAsync(TestContext.Current.CancellationToken);
        Assert.Equal(16, reader.Schema.Metadata["embedding_version"].Length);
        var ids = (StringArray)batch.Column("id");
        Assert.Equal(["a", "b", "c"], Enumerable.Range(0, 3).Select(row => ids.GetString(row)));
        var vectors = (FixedSizeListArray)batch.Column("vector");
        double Norm(int row) => Math.Sqrt(((FloatArray)vectors.GetSlicedValues(row)).Values.ToArray().Sum(value => (double)value * value));
        Assert.Equal(1, Norm(0), 1e-5);
        Assert.Equal(1, Norm(1), 1e-5);
        Assert.Equal(0, Norm(2));
        var signatures = (StringArray)batch.Column("signature");
        Assert.Matches(@"^\d+(-\d+)*$", signatures.GetString(0));
        Assert.Equal("", signatures.GetString(2));
    }

    [Fact]
    public async Task Embed_EveryKindOfFile_SameVectors()
    {
        var lines = Write("texts.jsonl", string.Concat(Enumerable.Range(1, 20).Select(n => $"{{\"id\":\"{n}\",\"text\":\"red mug {n}\"}}\n")));
        var plain = Write("texts.txt", string.Join('\n', Enumerable.Range(1, 20).Select(n => $"red mug {n}")));
        var (arrow, parquet) = (Path.Combine(_folder.FullName, "a.arrow"), Path.Combine(_folder.FullName, "a.parquet"));
        Assert.Equal(0, await RecsCommandLine.RunAsync(["embed", "--model", Model, "--input", lines, "--output", arrow, "--block", "7", "--threads", "1"]));
        Assert.Equal(0, await RecsCommandLine.RunAsync(["embed", "--model", Model, "--input", plain, "--output", parquet, "--residency", "full", "--memory", "2GB"]));
        using var file = ParquetFile.Open(parquet);
        var rows = file.Read().Single();
        using var reader = new ArrowFileReader(File.OpenRead(arrow));
        Assert.Equal(reader.Schema.Metadata, file.Metadata.Where(pair => reader.Schema.Metadata.ContainsKey(pair.Key)).ToDictionary());
        var at = 0;
        while (await reader.ReadNextRecordBatchAsync(TestContext.Current.CancellationToken) is { } batch)
            for (var row = 0; row < batch.Length; row++, at++)
            {
                Assert.Equal(((StringArray)batch.Column("text_hash")).GetString(row), rows.Texts(1)[at]);
                Assert.Equal(((FloatArray)((FixedSizeListArray)batch.Column("vector")).GetSlicedValues(row)).Values.ToArray(), rows.Vectors(2)[at]);
                Assert.Equal(((StringArray)batch.Column("signature")).GetString(row), rows.Texts(3)[at]);
            }
        Assert.Equal(20, at);
    }

    [Fact]
    public async Task Embed_Template_MakesTheTextAndTheVersion()
    {
        var input = Write("texts.jsonl", "{\"id\":\"a\",\"text\":\"Red MUG\"}");
        async Task<(string Hash, string Version)> Embed(params string[] more)
        {
            var output = Path.Combine(_folder.FullName, "out.arrow");
            Assert.Equal(0, await RecsCommandLine.RunAsync(["embed", "--model", Model, "--input", input, "--output", output, .. more]));
            using var reader = new ArrowFileReader(File.OpenRead(output));
            var batch = await reader.ReadNextRecordBatchAsync(TestContext.Current.CancellationToken);
            return (((StringArray)batch.Column("text_hash")).GetString(0), reader.Schema.Metadata["embedding_version"]);
        }
        var (plain, made, lower) = (await Embed(), await Embed("--template", "{id}: {text}"), await Embed("--case", "lower"));
        Assert.Equal([ContentHash.Of("Red MUG"), ContentHash.Of("a: Red MUG"), ContentHash.Of("red mug")], [plain.Hash, made.Hash, lower.Hash]);
        Assert.Equal(3, new[] { plain.Version, made.Version, lower.Version }.Distinct().Count());
    }

    [Fact]
    public async Task Embed_TemplateOfAnUnknownField_Fails()
    {
        var input = Write("texts.txt", "a");
        Assert.Equal(1, await RecsCommandLine.RunAsync(["embed", "--model", Model, "--input", input, "--output", Path.Combine(_folder.FullName, "o.arrow"), "--template", "{title}"]));
        Assert.Single(_folder.GetFileSystemInfos());
    }

    [Theory]
    [InlineData("{\"id\":\"a\"}")]
    [InlineData("{\"id\":1,\"text\":\"x\"}")]
    [InlineData("not json")]
    public async Task Embed_BrokenLine_FailsAndLeavesNoFile(string line)
    {
        var input = Write("texts.jsonl", line);
        var output = Path.Combine(_folder.FullName, "out.arrow");
        Assert.Equal(1, await RecsCommandLine.RunAsync(["embed", "--model", Model, "--input", input, "--output", output]));
        Assert.Single(_folder.GetFileSystemInfos());
    }

    [Fact]
    public async Task Embed_UnknownPooling_IsWrongUsage() =>
        Assert.Equal(2, await RecsCommandLine.RunAsync(["embed", "--model", Model, "--pooling", "max", "--input", "x.txt", "--output", "y"]));

    [Theory]
    [InlineData("--input", "x.txt")]
    [InlineData("--output", "y.arrow")]
    [InlineData("--input", "x.txt", "--output", "y.csv")]
    [InlineData("--input", "x.txt", "--output", "y.arrow", "--db", "duckdb:z")]
    [InlineData("--db", "duckdb:z", "--kafka", "localhost:1")]
    [InlineData("--input", "x.txt", "--output", "y.arrow", "--memory", "much")]
    [InlineData("--input", "x.txt", "--output", "y.arrow", "--block", "0")]
    [InlineData("--input", "x.txt", "--output", "y.arrow", "--residency", "some")]
    [InlineData]
    public async Task Embed_WhatDoesNotGoTogether_IsWrongUsage(params string[] switches) => Assert.Equal(2, await RecsCommandLine.RunAsync(["embed", "--model", Model, .. switches]));

    public void Dispose() => _folder.Delete(recursive: true);

    private string Write(string name, string content)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, content);
        return path;
    }
}
