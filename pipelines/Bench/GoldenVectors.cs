using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using Recs.Domain;

namespace Recs.Pipelines.Bench;

/// <summary>Vectors of the reference implementation, where a model's folder carries them: golden.json and golden.safetensors.</summary>
/// <param name="Entries">One a text.</param>
internal sealed record GoldenVectors(IReadOnlyList<GoldenVector> Entries)
{
    /// <returns>Null where the folder has none.</returns>
    /// <exception cref="RefusedException">The files are damaged.</exception>
    public static GoldenVectors? Find(string folder)
    {
        var (texts, tensors) = (Path.Combine(folder, "golden.json"), Path.Combine(folder, "golden.safetensors"));
        if (!File.Exists(texts) || !File.Exists(tensors)) return null;
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(texts));
            var items = json.RootElement.GetProperty("items").EnumerateArray().ToArray();
            var values = Read(File.ReadAllBytes(tensors), "embeddings");
            var width = values.Length / items.Length;
            return new GoldenVectors([.. items.Select((item, i) => new GoldenVector(
                item.GetProperty("text").GetString()!, [.. item.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())], values[(i * width)..((i + 1) * width)]))]);
        }
        catch (Exception broken) when (broken is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            throw new RefusedException($"{folder}: golden.json or golden.safetensors is damaged ({broken.Message}); restore or delete both", broken);
        }
    }

    /// <summary>The float32 numbers of a tensor.</summary>
    private static float[] Read(byte[] file, string name)
    {
        var header = (int)BinaryPrimitives.ReadInt64LittleEndian(file);
        using var json = JsonDocument.Parse(file.AsMemory(8, header));
        var offsets = json.RootElement.GetProperty(name).GetProperty("data_offsets");
        return MemoryMarshal.Cast<byte, float>(file.AsSpan(8 + header)[offsets[0].GetInt32()..offsets[1].GetInt32()]).ToArray();
    }
}

/// <summary>What the reference made of a text.</summary>
/// <param name="Text">As given.</param>
/// <param name="Ids">Its tokens, special ones included.</param>
/// <param name="Vector">Of length 1, or zeros for no text.</param>
internal sealed record GoldenVector(string Text, int[] Ids, float[] Vector);
