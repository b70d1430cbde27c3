using Recs.Domain;

namespace Recs.Embedder.Tests.Checkpoint;

/// <summary>The bundled model, cut or bent: refused in one line that names the file.</summary>
public sealed class TruncatedModelTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(100)]
    [InlineData(1_000_000)]
    [InlineData(-1)]
    public void Load_WeightsCut_RefusesAndNamesTheFile(long length)
    {
        var folder = CopyOfNano();
        var weights = Path.Combine(folder, "model.safetensors");
        using (var file = File.OpenWrite(weights)) file.SetLength(length < 0 ? file.Length + length : length);
        AssertRefused(folder, "model.safetensors");
    }

    [Fact]
    public void Load_WeightsLonger_Refuses()
    {
        var folder = CopyOfNano();
        File.AppendAllText(Path.Combine(folder, "model.safetensors"), "more");
        AssertRefused(folder, "4 bytes follow the last tensor");
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("tokenizer.json")]
    [InlineData("modules.json")]
    [InlineData("1_Pooling/config.json")]
    public void Load_JsonCut_RefusesAndNamesTheFile(string name)
    {
        var folder = CopyOfNano();
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, File.ReadAllText(path)[..50]);
        AssertRefused(folder, name);
    }

    [Fact]
    public void Load_NoFolder_Refuses() => AssertRefused(Path.Combine(GoldenFolder.Temporary(), "none"), "no such model folder");

    private static void AssertRefused(string folder, string named)
    {
        var refused = Assert.Throws<RefusedException>(() => Llama4Embedder.Load(folder));
        Assert.Contains(named, refused.Message);
        Assert.DoesNotContain('\n', refused.Message);
    }

    private static string CopyOfNano()
    {
        var folder = GoldenFolder.Temporary();
        Directory.CreateDirectory(Path.Combine(folder, "1_Pooling"));
        foreach (var name in new[] { "config.json", "model.safetensors", "tokenizer.json", "modules.json", "sentence_bert_config.json", "1_Pooling/config.json" })
            File.Copy(Path.Combine(GoldenFolder.Nano, name), Path.Combine(folder, name));
        return folder;
    }
}
