using System.Text.Json;
using Recs.Domain;

namespace Recs.Embedder.Checkpoint;

/// <summary>One line of the header: bytes <paramref name="Begin"/> .. <paramref name="End"/> of the data part.</summary>
internal sealed record SafetensorsEntry(string Name, string TypeName, long[] Shape, long Begin, long End);

/// <summary>
/// The header of a safetensors file (8 bytes of length, JSON, then data), checked whole before any byte of data is read:
/// the tensors must tile the data part without gap or overlap, and the data part must be there.
/// </summary>
internal static class SafetensorsHeader
{
    /// <summary>The format's own limit; a longer header is damage, and is refused before it is allocated.</summary>
    public const long MaxBytes = 100_000_000;

    /// <param name="json">The header's bytes, without the length before them.</param>
    /// <param name="dataBytes">How many bytes follow the header.</param>
    /// <param name="path">For messages.</param>
    /// <exception cref="RefusedException">The header is not one, or does not fit the file.</exception>
    public static List<SafetensorsEntry> Parse(ReadOnlyMemory<byte> json, long dataBytes, string path)
    {
        List<SafetensorsEntry> entries = [];
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object) throw new RefusedException($"{path}: the header is not a JSON object; the file is damaged");
            foreach (var property in document.RootElement.EnumerateObject())
                if (property.Name != "__metadata__") entries.Add(ParseEntry(property, path));
        }
        catch (JsonException broken)
        {
            throw new RefusedException($"{path}: the header is not JSON ({FirstLine(broken)}); the file is damaged", broken);
        }
        CheckTiling(entries, dataBytes, path);
        return entries;
    }

    private static SafetensorsEntry ParseEntry(JsonProperty property, string path)
    {
        var value = property.Value;
        if (value.ValueKind == JsonValueKind.Object
            && value.TryGetProperty("dtype", out var type) && type.ValueKind == JsonValueKind.String
            && value.TryGetProperty("shape", out var shape) && TryReadLongs(shape, out var sides)
            && value.TryGetProperty("data_offsets", out var offsets) && TryReadLongs(offsets, out var ends) && ends.Length == 2)
        {
            var entry = new SafetensorsEntry(property.Name, type.GetString()!, sides, ends[0], ends[1]);
            CheckSize(entry, path);
            return entry;
        }
        throw new RefusedException($"{path}: header entry {property.Name} has no readable dtype, shape and data_offsets; the file is damaged");
    }

    private static bool TryReadLongs(JsonElement element, out long[] values)
    {
        values = [];
        if (element.ValueKind != JsonValueKind.Array) return false;
        var read = new List<long>();
        foreach (var item in element.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt64(out var number) || number < 0) return false;
            read.Add(number);
        }
        values = [.. read];
        return true;
    }

    private static void CheckSize(SafetensorsEntry entry, string path)
    {
        if (entry.End < entry.Begin) throw new RefusedException($"{path}: tensor {entry.Name} has data offsets {entry.Begin}..{entry.End}, which run backwards; the file is damaged");
        if (ElementTypes.SizeOf(entry.TypeName) is not { } size) return;
        var bytes = (UInt128)size;
        foreach (var side in entry.Shape)
        {
            bytes *= (UInt128)side;
            if (bytes > long.MaxValue) break;
        }
        if (bytes != (UInt128)(entry.End - entry.Begin))
            throw new RefusedException($"{path}: tensor {entry.Name} of shape [{string.Join(", ", entry.Shape)}] and dtype {entry.TypeName} needs {bytes} bytes, but its offsets hold {entry.End - entry.Begin}; the file is damaged");
    }

    private static void CheckTiling(List<SafetensorsEntry> entries, long dataBytes, string path)
    {
        long position = 0;
        var before = "the header";
        foreach (var entry in entries.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End))
        {
            if (entry.End > dataBytes)
                throw new RefusedException($"{path}: tensor {entry.Name} ends at offset {entry.End}, but only {dataBytes} bytes of data are there; the file is truncated or damaged");
            if (entry.Begin != position)
                throw new RefusedException($"{path}: {(entry.Begin < position ? "overlap" : "gap")} between {before} and tensor {entry.Name}: it starts at offset {entry.Begin}, expected {position}; the file is damaged");
            (position, before) = (entry.End, $"tensor {entry.Name}");
        }
        if (position != dataBytes)
            throw new RefusedException($"{path}: {dataBytes - position} bytes follow the last tensor; the file is damaged");
    }

    private static string FirstLine(Exception error) => error.Message.Split('\n', 2)[0].TrimEnd('\r', '.');
}
