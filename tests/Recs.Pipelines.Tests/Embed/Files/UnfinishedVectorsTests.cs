using Recs.Domain;
using Recs.Pipelines.Embed.Files;
using Recs.Pipelines.Tests.CommandLine;

namespace Recs.Pipelines.Tests.Embed.Files;

public sealed class UnfinishedVectorsTests : IDisposable
{
    private static readonly VectorSchema Schema = new(2, "v1", "{text}");
    private readonly TestFolder _folder = new();
    private readonly List<string> _said = [];

    [Theory]
    [InlineData("out.arrow")]
    [InlineData("out.parquet")]
    public void Finish_AfterAnInterruption_TheSameBytesAndNoFolder(string name)
    {
        var blocks = Blocks("one", "two", "three", "four", "five").ToList();
        Make(name, blocks);
        var whole = File.ReadAllBytes(_folder.In(name));
        File.Delete(_folder.In(name));

        using (var cut = Open(name)) cut.Add(blocks[0], Rows(blocks[0]));
        Assert.True(Directory.Exists(_folder.In(name + ".partial")));
        using (var cut = Open(name))
        {
            Assert.True(cut.Has(blocks[0]));
            Assert.False(cut.Has(blocks[1]));
            cut.Add(blocks[1], Rows(blocks[1]));
        }
        // What a kill in the middle of a block leaves.
        File.WriteAllText(Path.Combine(_folder.In(name + ".partial"), "block" + Path.GetExtension(name)), "half");
        Assert.Equal((2, 1), Make(name, blocks));
        Assert.Equal(whole, File.ReadAllBytes(_folder.In(name)));
        Assert.Equal([name], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
        Assert.Empty(_said);
    }

    [Theory]
    [InlineData("out.arrow")]
    [InlineData("out.parquet")]
    public void Has_DamagedBlock_IsMadeAnew(string name)
    {
        var blocks = Blocks("one", "two", "three").ToList();
        using (var cut = Open(name)) cut.Add(blocks[0], Rows(blocks[0]));
        var part = Directory.GetFiles(_folder.In(name + ".partial"), "0*").Single();
        File.WriteAllBytes(part, File.ReadAllBytes(part)[..40]);
        Assert.Equal((0, 2), Make(name, blocks));
    }

    [Fact]
    public void Has_OtherTextsAtTheSamePlace_AreMadeAnew()
    {
        using (var cut = Open("out.arrow")) Add(cut, Blocks("one", "two", "three"));
        Assert.Equal((1, 1), Make("out.arrow", [.. Blocks("one", "two", "changed")]));
        using var kept = Open("other.arrow");
        Assert.NotEqual(Blocks("a", "b").Single().Hash, TextBlock.Of([new("0a", ""), new("1", "b")], 2).Single().Hash);
    }

    [Fact]
    public void Open_OtherVersion_DiscardsAndSaysSo()
    {
        using (var cut = Open("out.arrow")) Add(cut, Blocks("one", "two"));
        using (var other = Open("out.arrow", Schema with { Version = "v2" })) Assert.False(other.Has(Blocks("one", "two").First()));
        Assert.Contains("embedding version v1, now v2", Assert.Single(_said), StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.In("out.arrow.partial")));
    }

    [Fact]
    public void Open_BrokenManifest_Discards()
    {
        using (var cut = Open("out.arrow")) Add(cut, Blocks("one", "two"));
        File.WriteAllText(Path.Combine(_folder.In("out.arrow.partial"), "manifest.json"), "{");
        using (var again = Open("out.arrow")) Assert.False(again.Has(Blocks("one", "two").First()));
        Assert.Contains("something else", Assert.Single(_said), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_WhileAnotherWrites_IsRefusedAndLeavesItsBlocks()
    {
        using var first = Open("out.arrow");
        Add(first, Blocks("one", "two"));
        Assert.Contains("another process is writing", Assert.Throws<RefusedException>(() => Open("out.arrow")).Message, StringComparison.Ordinal);
        first.Finish();
        Assert.True(File.Exists(_folder.In("out.arrow")));
    }

    [Fact]
    public void Dispose_WithoutABlock_LeavesNothing()
    {
        using (Open("out.arrow"))
        {
        }
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Dispose_BeforeAnyBlockWasAskedFor_KeepsTheEarlierOnes()
    {
        using (var cut = Open("out.arrow")) Add(cut, Blocks("one", "two"));
        using (Open("out.arrow"))
        {
        }
        using var again = Open("out.arrow");
        Assert.True(again.Has(Blocks("one", "two").First()));
    }

    [Theory]
    [InlineData("empty.arrow")]
    [InlineData("empty.parquet")]
    public void Finish_WithoutTexts_IsAnEmptyFile(string name)
    {
        Make(name, []);
        Assert.Equal(0, VectorFile.Of(new FileInfo(name))!.Count(_folder.In(name)));
    }

    public void Dispose() => _folder.Dispose();

    private static IEnumerable<TextBlock> Blocks(params string[] texts) => TextBlock.Of(texts.Select((text, at) => new TextEntry($"{at}", text)), 2);

    private static VectorRow[] Rows(TextBlock block) => [.. block.Entries.Select(entry => new VectorRow(entry.Id, "hash", [entry.Text.Length, 0.1f], $"{entry.Text.Length}-0"))];

    private static void Add(UnfinishedVectors to, IEnumerable<TextBlock> blocks)
    {
        foreach (var block in blocks) to.Add(block, Rows(block));
    }

    private UnfinishedVectors Open(string name, VectorSchema? schema = null)
    {
        var output = new FileInfo(_folder.In(name));
        return new(output, VectorFile.Of(output)!, schema ?? Schema, blockTexts: 2, _said.Add);
    }

    private (int Reused, int Made) Make(string name, List<TextBlock> blocks)
    {
        using var unfinished = Open(name);
        var made = 0;
        foreach (var block in blocks.Where(block => !unfinished.Has(block)))
        {
            unfinished.Add(block, Rows(block));
            made++;
        }
        unfinished.Finish();
        return (blocks.Count - made, made);
    }
}
