using Recs.Domain;
using Recs.Tests;

namespace Recs.Embedder.Tests;

public sealed class Llama4EmbedderTests(ITestOutputHelper output)
{
    private static readonly Lazy<Llama4Embedder> Nano = new(() => Llama4Embedder.Load(GoldenFolder.Nano, new EmbedderOptions { Threads = 2 }));

    [Fact]
    public void Embed_GoldenTexts_EqualReference()
    {
        using var golden = GoldenFolder.Json(Path.Combine(GoldenFolder.Nano, "golden.json"));
        using var file = new Recorded(Path.Combine(GoldenFolder.Nano, "golden.safetensors"));
        var expected = file.Floats("embeddings");
        string[] texts = [.. golden.RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("text").GetString()!)];
        var actual = Nano.Value.Embed(texts);
        var worst = 0.0;
        for (var k = 0; k < texts.Length; k++)
        {
            // Text 46 writes out a special token, which the reference parses and we take as text.
            if (k != 46) worst = Math.Max(worst, Difference.Largest(expected.AsSpan(k * 256, 256), actual[k].Vector));
        }
        output.WriteLine($"largest difference {worst:E2}");
        Assert.InRange(worst, 0, 1e-5);
    }

    [Fact]
    public void Embed_AloneOrInABatchOnAnyThreads_SameBits()
    {
        var texts = Titles(120);
        using var single = Llama4Embedder.Load(GoldenFolder.Nano, new EmbedderOptions { Threads = 1 });
        var together = Nano.Value.Embed(texts);
        var onOneThread = single.Embed(texts);
        var backwards = single.Embed([.. texts.Reverse()]);
        for (var i = 0; i < texts.Length; i++)
        {
            Assert.Equal(Bits(together[i].Vector), Bits(onOneThread[i].Vector));
            Assert.Equal(Bits(together[i].Vector), Bits(backwards[texts.Length - 1 - i].Vector));
            Assert.Equal(Bits(together[i].Vector), Bits(Nano.Value.Embed(texts[i]).Vector));
            Assert.Equal(together[i].Signature, Nano.Value.Embed(texts[i]).Signature);
        }
    }

    [Fact]
    public void Embed_WeightsPassingThroughLittleMemory_SameBitsAndProgress()
    {
        var texts = Titles(1_500);
        using var streaming = Llama4Embedder.Load(GoldenFolder.Nano, new EmbedderOptions { Threads = 2, Residency = Residency.Stream, MemoryBytes = 155_000_000 });
        Assert.True(streaming.IsStreaming);
        Assert.False(Nano.Value.IsStreaming);
        Assert.Equal(Nano.Value.Version, streaming.Version);
        var seen = new Seen();
        var streamed = streaming.Embed(texts, seen);
        Assert.Equal(texts.Length, seen.Largest);
        foreach (var (streamedText, resident) in streamed.Zip(Nano.Value.Embed(texts)))
        {
            Assert.Equal(Bits(resident.Vector), Bits(streamedText.Vector));
            Assert.Equal(resident.Signature, streamedText.Signature);
        }
        Assert.Equal(Bits(streamed[7].Vector), Bits(streaming.Embed(texts[7]).Vector));
    }

    [Fact]
    public void Embed_Signature_IsTheMostChosenExpertOfEachLayer()
    {
        // A text whose every token is the same word may still go different ways by position; each expert is one of the model's.
        var signatures = Nano.Value.Embed(Titles(300)).Select(embedding => embedding.Signature).ToArray();
        Assert.All(signatures, signature => Assert.Equal(4, signature.Experts.Count));
        Assert.All(signatures, signature => Assert.All(signature.Experts, expert => Assert.InRange(expert, 0, 3)));
        Assert.InRange(signatures.Distinct().Count(), 10, 256);
        using var inner = Llama4Embedder.Load(GoldenFolder.Nano, new EmbedderOptions { Layer = 2 });
        Assert.Equal(Nano.Value.Embed("red mug").Signature.Experts.Take(2), inner.Embed("red mug").Signature.Experts);
    }

    [Fact]
    public void Embed_EmptyText_ZerosNotNaN()
    {
        var vectors = Nano.Value.Embed(["", "red mug", ""]);
        Assert.All(vectors[0].Vector, value => Assert.Equal(0f, value));
        Assert.Equal(1, Norm(vectors[1].Vector), 1e-5);
        Assert.Equal(vectors[0].Vector, vectors[2].Vector);
        Assert.Equal(RouterSignature.None, vectors[0].Signature);
        Assert.Empty(Nano.Value.Embed([]));
    }

    [Fact]
    public void Embed_LongText_CutAtTheLimit()
    {
        using var shortened = Llama4Embedder.Load(GoldenFolder.Nano, new EmbedderOptions { MaxTokens = 6 });
        var text = string.Join(' ', Enumerable.Repeat("heart", 900));
        Assert.Equal(Nano.Value.Embed(text).Vector, Nano.Value.Embed(text + " and more").Vector);
        Assert.Equal(shortened.Embed("heart heart heart heart heart").Vector, shortened.Embed(text).Vector); // 5 words and begin of text
        Assert.NotEqual(shortened.Embed(text).Vector, Nano.Value.Embed(text).Vector);
    }

    [Fact]
    public void Embed_LastPooling_IsTheLastHiddenState()
    {
        using var last = Llama4Embedder.Load(GoldenFolder.Nano, new EmbedderOptions { Pooling = Pooling.Last });
        using var golden = new Recorded(Path.Combine(GoldenFolder.Nano, "golden.safetensors"));
        var states = golden.Floats("00.hidden_states");
        var expected = states.AsSpan(states.Length - 256).ToArray();
        var norm = Norm(expected);
        Assert.InRange(Difference.Largest([.. expected.Select(value => (float)(value / norm))], last.Embed("Toy trains and model railways").Vector), 0, 1e-5);
    }

    [Fact]
    public void Embed_Layer_ChoosesTheHiddenState()
    {
        using var inner = Llama4Embedder.Load(GoldenFolder.Nano, new EmbedderOptions { Layer = 2, Pooling = Pooling.Last });
        using var golden = new Recorded(Path.Combine(GoldenFolder.Nano, "golden.safetensors"));
        var states = golden.Floats("00.hidden_states");
        var tokens = states.Length / 256 / 5;
        var expected = states.AsSpan((2 * tokens + tokens - 1) * 256, 256).ToArray();
        var norm = Norm(expected);
        Assert.InRange(Difference.Largest([.. expected.Select(value => (float)(value / norm))], inner.Embed("Toy trains and model railways").Vector), 0, 1e-5);
    }

    [Fact]
    public void Embed_Progress_CountsEveryText()
    {
        var seen = new Seen();
        Nano.Value.Embed([.. Titles(50), ""], seen);
        Assert.Equal(51, seen.Largest);
    }

    [Fact]
    public void Embed_Cancelled_Stops()
    {
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => Nano.Value.Embed(["a"], null, cancel.Token));
    }

    [Fact]
    public void Version_AnyChoice_ChangesIt()
    {
        EmbedderOptions[] choices =
        [
            new(), new() { Layer = 3 }, new() { Precision = Precision.Fp8Activations }, new() { Pooling = Pooling.Last }, new() { MaxTokens = 100 },
            new() { Template = new EmbeddingTemplate("{title}") }, new() { Template = new EmbeddingTemplate("{text}", lowerCase: true) },
        ];
        var versions = choices.Select(choice => { using var embedder = Llama4Embedder.Load(GoldenFolder.Nano, choice); return embedder.Version; }).ToArray();
        Assert.Equal(versions.Length, versions.Distinct().Count());
        Assert.All(versions, version => Assert.Matches("^[0-9a-f]{16}$", version));
        using var again = Llama4Embedder.Load(GoldenFolder.Nano, new EmbedderOptions { Threads = 1 });
        Assert.Equal(versions[0], again.Version);
    }

    [Theory]
    [InlineData(5, null, 0)]
    [InlineData(-1, null, 0)]
    [InlineData(null, 1, 0)]
    [InlineData(null, null, -1)]
    public void Load_OptionOutOfRange_Refuses(int? layer, int? maxTokens, int threads) =>
        Assert.Contains("out of range", Assert.Throws<RefusedException>(() => Llama4Embedder.Load(GoldenFolder.Nano, new EmbedderOptions { Layer = layer, MaxTokens = maxTokens, Threads = threads })).Message);

    private static string[] Titles(int count) =>
        [.. File.ReadLines(Path.Combine(Requirements.Root, "data", "online-retail", "items.csv")).Skip(1).Take(count).Select(line => line.Split(',')[1].ToLowerInvariant())];

    private static int[] Bits(float[] vector) => [.. vector.Select(BitConverter.SingleToInt32Bits)];

    private static double Norm(float[] vector) => Math.Sqrt(vector.Sum(value => (double)value * value));

    private sealed class Seen : IProgress<int>
    {
        private readonly Lock _gate = new();
        private int _largest;

        public int Largest => _largest;

        public void Report(int value)
        {
            lock (_gate) _largest = Math.Max(_largest, value);
        }
    }
}
