using Apache.Arrow;
using Apache.Arrow.Ipc;
using Recs.Domain;
using Recs.Pipelines.Embed.Files;
using Recs.Pipelines.Tests.CommandLine;
using Recs.Storage.Parquet;

namespace Recs.Pipelines.Tests.Embed.Files;

public sealed class TextFileTests : IDisposable
{
    private readonly TestFolder _folder = new();

    [Fact]
    public void Read_PlainLines_NumbersThem()
    {
        Assert.Equal("1=a,2=,3=b,4=c", Read(_folder.Write("a.txt", "a\n\r\nb\rc")));
        Assert.Equal("1=a", Read(_folder.Write("b.txt", "\ufeffa\r\n")));
        Assert.Equal("", Read(_folder.Write("c.txt", "")));
        Assert.Equal("1=,2=", Read(_folder.Write("d.txt", "\n\n")));
    }

    [Fact]
    public void Read_LineEndsAtEveryPlaceOfTheBuffer_AreTheSameLines()
    {
        // The ends fall before, on and after the end of a read, \r and \n on its two sides too.
        for (var length = (1 << 15) - 3; length <= (1 << 15) + 1; length++)
            Assert.Equal(["1", "2", "3"], Entries(_folder.Write("a.txt", $"{new string('x', length)}\r\ny\r\nz")).Select(entry => entry.Id));
    }

    [Fact]
    public void Read_LineWithoutEnd_IsRefused() => Assert.Contains("line 2: longer than",
        Assert.Throws<RefusedException>(() => Read(_folder.Write("a.txt", "a\n" + new string('x', TextLines.LineLength + 1)))).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_Arrow_TextAndNumberIds()
    {
        Assert.Equal("x=one,y=", Read(Arrow(new StringArray.Builder().Append("x").Append("y").Build(), new StringArray.Builder().Append("one").Append("").Build())));
        Assert.Equal("7=one,8=two", Read(Arrow(new Int64Array.Builder().Append(7).Append(8).Build(), new StringArray.Builder().Append("one").Append("two").Build())));
    }

    [Fact]
    public void Read_ArrowThatDoesNotFit_IsRefusedWithThePlace()
    {
        var texts = new StringArray.Builder().Append("one").Append("two").Build();
        Assert.Contains("row 2: the id is missing or empty", Refusal(Arrow(new StringArray.Builder().Append("x").AppendNull().Build(), texts)), StringComparison.Ordinal);
        Assert.Contains("row 1: the text is missing", Refusal(Arrow(new StringArray.Builder().Append("x").Append("y").Build(), new StringArray.Builder().AppendNull().Append("b").Build())), StringComparison.Ordinal);
        Assert.Contains("column 'text' is of type", Refusal(Arrow(texts, new FloatArray.Builder().Append(1).Append(2).Build())), StringComparison.Ordinal);
        Assert.Contains("has no column 'text'; it has id, body", Refusal(Arrow(texts, texts, "body")), StringComparison.Ordinal);
        Assert.Contains("as an Arrow IPC file", Refusal(_folder.Write("b.arrow", "ARROW1 no, not at all")), StringComparison.Ordinal);
        var whole = File.ReadAllBytes(Arrow(texts, texts));
        File.WriteAllBytes(_folder.In("cut.arrow"), whole[..(whole.Length / 2)]);
        Assert.Contains("as an Arrow IPC file", Refusal(_folder.In("cut.arrow")), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_Parquet_TextAndNumberIds()
    {
        Assert.Equal("7=one,8=", Read(Parquet(ParquetType.Long, "text", ("one", 7), ("", 8))));
        Assert.Contains("row 2: the text is missing", Refusal(Parquet(ParquetType.Long, "text", ("one", 7), (null, 8))), StringComparison.Ordinal);
        Assert.Contains("has no column 'text'", Refusal(Parquet(ParquetType.Long, "title", ("one", 7))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.csv")]
    [InlineData("a")]
    public void Read_OtherEnding_IsRefused(string name) => Assert.Contains(".parquet", Refusal(_folder.Write(name, "x")), StringComparison.Ordinal);

    [Fact]
    public void Read_NoSuchFile_IsRefused() => Assert.Contains("no such file", Refusal(_folder.In("none.arrow")), StringComparison.Ordinal);

    public void Dispose() => _folder.Dispose();

    private static List<TextEntry> Entries(string path) => [.. TextFile.Read(new FileInfo(path))];

    private static string Read(string path) => string.Join(',', Entries(path).Select(entry => $"{entry.Id}={entry.Text}"));

    private static string Refusal(string path) => Assert.Throws<RefusedException>(() => Entries(path)).Message;

    private string Arrow(IArrowArray ids, IArrowArray texts, string textName = "text")
    {
        var path = _folder.In("in.arrow");
        var schema = new Schema([new Field("id", ids.Data.DataType, nullable: true), new Field(textName, texts.Data.DataType, nullable: true)], null);
        using var file = File.Create(path);
        using var writer = new ArrowFileWriter(file, schema);
        writer.WriteRecordBatch(new RecordBatch(schema, [ids, texts], ids.Length));
        writer.WriteEnd();
        return path;
    }

    private string Parquet(ParquetType ids, string textName, params (string? Text, long Id)[] rows)
    {
        var path = _folder.In("in.parquet");
        using var writer = new ParquetWriter(path, [new("id", ids), new(textName, ParquetType.Text)]);
        foreach (var (text, id) in rows)
        {
            writer.Long(id);
            writer.Text(text);
            writer.EndRow();
        }
        writer.Finish();
        return path;
    }
}
