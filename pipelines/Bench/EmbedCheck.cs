using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Recs.Embedder;
using Recs.Embedder.Tokenizer;

namespace Recs.Pipelines.Bench;

/// <summary>What has to hold before anything is timed: fast and wrong is no result.</summary>
internal static class EmbedCheck
{
    /// <summary>Largest difference to the reference's float32 vectors, whose length is 1: what float32 sums in another order, or narrower products, leave.</summary>
    private static double Tolerance(Precision precision) => precision == Precision.Float32 ? 1e-5 : 5e-2;

    /// <summary>Compares vectors of texts embedded together and alone, bit by bit, and with the reference where the model's folder has one.</summary>
    /// <param name="embedder">What is about to be timed.</param>
    /// <param name="workload">Its texts.</param>
    /// <param name="texts">How many of them to compare; the shortest.</param>
    /// <param name="precision">What it computes with.</param>
    /// <returns>What was compared, in a sentence.</returns>
    /// <exception cref="InvalidOperationException">They differ.</exception>
    public static string Run(Llama4Embedder embedder, EmbedWorkload workload, int texts, Precision precision)
    {
        string[] chosen = [.. workload.Lengths.Index().OrderBy(entry => entry.Item).ThenBy(entry => entry.Index).Take(texts).Select(entry => workload.Texts[entry.Index])];
        var together = embedder.Embed(chosen);
        for (var i = 0; i < chosen.Length; i++)
            if (!MemoryMarshal.AsBytes(together[i].Vector.AsSpan()).SequenceEqual(MemoryMarshal.AsBytes(embedder.Embed(chosen[i]).Vector.AsSpan())))
                throw new InvalidOperationException($"{workload.Name}: the vector of text {i} is another one when it is embedded alone");
        var compared = $"{chosen.Length} vectors have the same bits alone and together";
        return GoldenVectors.Find(workload.Folder) is { } golden ? $"{compared}; {CompareWithReference(embedder, golden, workload.Folder, Tolerance(precision))}" : compared;
    }

    /// <summary>SHA-256 over the bits of all vectors, in order.</summary>
    public static string Digest(IEnumerable<TextEmbedding> embeddings)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var embedding in embeddings) hash.AppendData(MemoryMarshal.AsBytes(embedding.Vector.AsSpan()));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string CompareWithReference(Llama4Embedder embedder, GoldenVectors golden, string folder, double tolerance)
    {
        // A text that writes out a special token is parsed by the reference and taken as text here.
        var tokenizer = ByteLevelTokenizer.Load(folder);
        var same = golden.Entries.Where(entry => tokenizer.Encode(entry.Text).AsSpan().SequenceEqual(entry.Ids)).ToArray();
        var vectors = embedder.Embed([.. same.Select(entry => entry.Text)]);
        var worst = 0.0;
        for (var i = 0; i < same.Length; i++)
            foreach (var (expected, actual) in same[i].Vector.Zip(vectors[i].Vector)) worst = Math.Max(worst, Math.Abs((double)expected - actual));
        return worst <= tolerance
            ? FormattableString.Invariant($"{same.Length} vectors differ from the reference by {worst:0.0e+0} at most")
            : throw new InvalidOperationException(FormattableString.Invariant($"{folder}: a vector differs from the reference by {worst:0.0e+0}; allowed are {tolerance:0e+0}"));
    }
}
