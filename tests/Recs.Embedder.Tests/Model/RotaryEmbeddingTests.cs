using Recs.Embedder.Checkpoint;
using Recs.Embedder.Model;

namespace Recs.Embedder.Tests.Model;

public sealed class RotaryEmbeddingTests
{
    [Fact]
    public void Frequencies_ScoutStretch_DividesTheLongWavesOnly()
    {
        var frequencies = new RotaryEmbedding(Scout(new RopeStretch(16, 1, 1, 8192))).Frequencies;
        var plain = new RotaryEmbedding(Scout(null)).Frequencies;
        for (var i = 0; i < 35; i++) Assert.Equal(plain[i], frequencies[i]);
        Assert.Equal(9.384738703573802e-4f, frequencies[34], 1e-10f);
        Assert.Equal(4.7781061769823416e-5f, frequencies[35], 1e-11f);
        Assert.Equal(1.5344629944572555e-7f, frequencies[63], 1e-13f);
    }

    [Fact]
    public void Table_LongerSequence_KeepsEarlierAngles()
    {
        var rotary = new RotaryEmbedding(Scout(null));
        var shorter = rotary.Table(10);
        var longer = rotary.Table(shorter.Positions + 1);
        Assert.True(longer.Positions > shorter.Positions);
        Assert.Equal(shorter.CosSin, longer.CosSin[..shorter.CosSin.Length]);
        Assert.Same(longer, rotary.Table(10));
    }

    private static Llama4Config Scout(RopeStretch? stretch) => new()
    {
        HiddenSize = 5120, VocabularySize = 202_048, Heads = 40, KeyValueHeads = 8, HeadSize = 128, ExpertWidth = 8192, DenseWidth = 0, Experts = 16,
        NormEpsilon = 1e-5f, QueryKeyNorm = true, RopeTheta = 500_000, RopeStretch = stretch, Temperature = null, AttentionChunk = 8192, Layers = [],
    };
}
