using System.Security.Cryptography;
using Recs.Ranker.Model.Forest;

namespace Recs.Ranker.Model;

/// <summary>The training rows of each leaf, in a file beside the head's: they say nothing about scores, but explanations need them.</summary>
internal static class CoversFile
{
    private const string Extension = ".covers";

    /// <returns>The hash for the model's description; null without covers.</returns>
    public static string? Write(string headFile, int[]? covers)
    {
        if (covers is null) return null;
        var bytes = LeafCovers.ToBytes(covers);
        File.WriteAllBytes(Path.ChangeExtension(headFile, Extension), bytes);
        return Hash(bytes);
    }

    /// <summary>The scorer with its covers; as it is where the model has none (an older one).</summary>
    /// <exception cref="InvalidDataException">The file is missing or is not the one that the description names.</exception>
    public static IScorer Add(string headFile, IScorer scorer, string? hash)
    {
        if (hash is null || scorer is not RegressionForest forest) return scorer;
        var path = Path.ChangeExtension(headFile, Extension);
        if (!File.Exists(path)) throw new InvalidDataException($"has no {Path.GetFileName(path)} beside it");
        var bytes = File.ReadAllBytes(path);
        if (bytes.Length != forest.Leaves * sizeof(int)) throw new InvalidDataException($"has other leaves than its {Path.GetFileName(path)}: the folder holds files of two models");
        return Hash(bytes) == hash ? forest.Covering(LeafCovers.FromBytes(bytes)) : throw new InvalidDataException($"has a {Path.GetFileName(path)} of another model beside it");
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes))[..16];
}
