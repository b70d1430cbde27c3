using System.Security.Cryptography;
using System.Text.Json;
using Recs.Embedder.Checkpoint;

namespace Recs.Embedder.Recipe;

/// <summary>
/// A short name for everything a vector depends on. Vectors of different versions never mix. The weights enter by the hash of their
/// whole files; the names of folders and files do not enter.
/// </summary>
internal static class EmbeddingVersion
{
    /// <summary>Hex digits of a version: 64 bits, far more than the handful of versions that ever meet.</summary>
    private const int Digits = 16;

    /// <summary>Changes when the arithmetic changes so that vectors differ.</summary>
    private const string Arithmetic = "recs-embedding/1 float32";

    /// <param name="weightHashes">See <see cref="HashOf"/>.</param>
    /// <param name="config">The config file.</param>
    /// <param name="tokenizer">The tokenizer file.</param>
    /// <param name="recipe">Everything else that was chosen.</param>
    /// <param name="wideNumbers">What the backend computes with where nothing is rounded to FP8.</param>
    public static string Of(IReadOnlyList<string> weightHashes, byte[] config, byte[] tokenizer, EmbeddingRecipe recipe, Precision wideNumbers)
    {
        // FP8 beside float32 (a CPU) and beside bf16 (a GPU) are two things; the other precisions are one wherever they are computed.
        var precision = recipe.Precision is Precision.Fp8Activations or Precision.Fp8Experts && wideNumbers == Precision.BFloat16 ? $"{recipe.Precision} beside {wideNumbers}" : $"{recipe.Precision}";
        // As JSON, so that no text in a template can imitate another field.
        var parts = new[]
        {
            Arithmetic, string.Join(',', weightHashes), Hash(config), Hash(tokenizer),
            recipe.Template.Pattern, $"{recipe.Template.LowerCase}", $"{recipe.Layer}", $"{recipe.Pooling}", $"{recipe.Normalize}", $"{recipe.MaxTokens}", $"{recipe.FolderLowerCase}",
            recipe.Projection?.Hash ?? "no projection", precision,
        };
        return Hash(JsonSerializer.SerializeToUtf8Bytes(parts))[..Digits];
    }

    /// <summary>SHA-256 of the whole file, in hex.</summary>
    public static string HashOf(SafetensorsFile file)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        file.ForEachBlock(hash.AppendData);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
