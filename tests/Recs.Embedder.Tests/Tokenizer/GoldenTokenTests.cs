using System.Text.Json;
using Recs.Embedder.Tokenizer;
using Recs.Tests;

namespace Recs.Embedder.Tests.Tokenizer;

/// <summary>Token ids against those of Hugging Face's tokenizers.</summary>
public sealed class GoldenTokenTests
{
    [Theory]
    [InlineData("tiny", 306)]
    [InlineData("llama4", 300)]
    public void Encode_GoldenTexts_EqualIds(string set, int texts)
    {
        var folder = GoldenFolder.Shared("tokenizer/" + set);
        var model = set == "llama4" ? Requirements.Shared("data/llama4-tokenizer") : folder;
        Requirements.Need("shared", model is not null, "Meta's tokenizer.model is not on this machine");
        var tokenizer = ByteLevelTokenizer.Load(model!);
        using var about = GoldenFolder.Json(Path.Combine(folder, "about.json"));
        Assert.Equal([about.RootElement.GetProperty("bos").GetInt32()], tokenizer.Prefix.ToArray());
        Assert.True(tokenizer.Suffix.IsEmpty);

        var lines = File.ReadAllLines(Path.Combine(folder, "golden.jsonl"));
        Assert.Equal(texts, lines.Length);
        foreach (var line in lines)
        {
            using var golden = JsonDocument.Parse(line);
            var text = golden.RootElement.GetProperty("text").GetString()!;
            var expected = golden.RootElement.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32());
            Assert.True(expected.SequenceEqual(tokenizer.EncodeContent(text)), $"{set}: ids of {line} are [{string.Join(", ", tokenizer.EncodeContent(text))}]");
        }
    }

    [Fact]
    public void Encode_BundledModel_EqualIds()
    {
        var tokenizer = ByteLevelTokenizer.Load(GoldenFolder.Nano);
        using var golden = GoldenFolder.Json(Path.Combine(GoldenFolder.Nano, "golden.json"));
        foreach (var item in golden.RootElement.GetProperty("items").EnumerateArray())
        {
            // This one writes out a special token, which the reference parses and we take as text.
            if (item.GetProperty("index").GetInt32() == 46) continue;
            Assert.Equal(item.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()), tokenizer.Encode(item.GetProperty("text").GetString()!));
        }
    }
}
