using System.Text.Json;
using Recs.Domain;
using Recs.Embedder.Checkpoint;

namespace Recs.Embedder.Inspection;

/// <summary>A JSON file of token ids: an array of sequences, each an array of whole numbers.</summary>
public static class TokenIdFile
{
    /// <param name="path">The file.</param>
    /// <param name="vocabularySize">Ids must be 0 .. <paramref name="vocabularySize"/> − 1.</param>
    /// <returns>One array a sequence, none of them empty.</returns>
    /// <exception cref="RefusedException">The file is missing, not JSON, or holds anything else.</exception>
    public static int[][] Read(string path, int vocabularySize)
    {
        using var document = JsonFile.Read(path);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Array) throw new RefusedException($"{path}: expected a JSON array of arrays of token ids");
        var sequences = new List<int[]>();
        foreach (var sequence in root.EnumerateArray())
        {
            if (sequence.ValueKind != JsonValueKind.Array)
                throw new RefusedException($"{path}: entry {sequences.Count} is {sequence}; expected an array of token ids (an array of arrays in all)");
            sequences.Add(ReadSequence(sequence, sequences.Count, vocabularySize, path));
        }
        return [.. sequences];
    }

    private static int[] ReadSequence(JsonElement sequence, int index, int vocabularySize, string path)
    {
        var ids = new List<int>();
        foreach (var item in sequence.EnumerateArray())
        {
            var place = $"{path}: sequence {index}, position {ids.Count}";
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt64(out var id)) throw new RefusedException($"{place}: {item} is not an integer");
            if (id < 0) throw new RefusedException($"{place}: id {id} is negative");
            if (id >= vocabularySize) throw new RefusedException($"{place}: id {id} is outside the model's vocab of {vocabularySize} (0 to {vocabularySize - 1})");
            ids.Add((int)id);
        }
        if (ids.Count == 0) throw new RefusedException($"{path}: sequence {index} is empty; give it at least one id");
        return [.. ids];
    }
}
