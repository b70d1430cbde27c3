using Apache.Arrow;
using Apache.Arrow.Ipc;
using Recs.Pipelines.CommandLine;
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
        Assert.Single(_folder.GetFiles());
    }

    [Fact]
    public async Task Embed_UnknownPooling_IsWrongUsage() =>
        Assert.Equal(2, await RecsCommandLine.RunAsync(["embed", "--model", Model, "--pooling", "max", "--input", "x.txt", "--output", "y"]));

    public void Dispose() => _folder.Delete(recursive: true);

    private string Write(string name, string content)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, content);
        return path;
    }
}
