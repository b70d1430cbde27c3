using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Recs.Embedder.Checkpoint;

/// <summary>Writes a safetensors file front to back: all names and shapes first, then the data in the order they were declared.</summary>
internal sealed class SafetensorsWriter
{
    private readonly Stream _output;
    private readonly Queue<(string Name, long Bytes)> _due = [];

    public SafetensorsWriter(Stream output, IEnumerable<(string Name, string TypeName, long[] Shape)> tensors)
    {
        _output = output;
        var json = new MemoryStream();
        using (var header = new Utf8JsonWriter(json))
        {
            header.WriteStartObject();
            long offset = 0;
            foreach (var (name, type, shape) in tensors)
            {
                var bytes = shape.Aggregate((long)ElementTypes.SizeOf(type)!, (product, side) => product * side);
                WriteEntry(header, name, type, shape, offset, offset + bytes);
                _due.Enqueue((name, bytes));
                offset += bytes;
            }
            header.WriteEndObject();
        }
        // Spaces behind the header keep the data aligned to 8 bytes, as the format recommends.
        while (json.Length % 8 != 0) json.WriteByte((byte)' ');
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        output.Write(length);
        json.WriteTo(output);
    }

    /// <summary>The data of the next declared tensor, which must be <paramref name="name"/>.</summary>
    public void Write<T>(string name, ReadOnlySpan<T> data) where T : unmanaged
    {
        var (due, bytes) = _due.Dequeue();
        var raw = MemoryMarshal.AsBytes(data);
        if (due != name || bytes != raw.Length) throw new InvalidOperationException($"tensor {name} of {raw.Length} bytes came where {due} of {bytes} was declared");
        _output.Write(raw);
    }

    private static void WriteEntry(Utf8JsonWriter header, string name, string type, long[] shape, long begin, long end)
    {
        header.WriteStartObject(name);
        header.WriteString("dtype", type);
        header.WriteStartArray("shape");
        foreach (var side in shape) header.WriteNumberValue(side);
        header.WriteEndArray();
        header.WriteStartArray("data_offsets");
        header.WriteNumberValue(begin);
        header.WriteNumberValue(end);
        header.WriteEndArray();
        header.WriteEndObject();
    }
}
