using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Recs.Embedder.Checkpoint;

/// <summary>Writes a safetensors file: all names and shapes first, then the data of each tensor, in any order. One thread at a time.</summary>
internal sealed class SafetensorsWriter
{
    private readonly Stream _output;
    private readonly Dictionary<string, (long Offset, long Bytes)> _due = new(StringComparer.Ordinal);
    private readonly long _dataStart;

    /// <param name="output">Seekable; not closed.</param>
    /// <param name="tensors">In the order they are to have in the file.</param>
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
                _due.Add(name, (offset, bytes));
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
        _dataStart = output.Position;
    }

    /// <summary>The data of a declared tensor, once.</summary>
    public void Write<T>(string name, ReadOnlySpan<T> data) where T : unmanaged
    {
        var raw = MemoryMarshal.AsBytes(data);
        if (!_due.Remove(name, out var due) || due.Bytes != raw.Length) throw new InvalidOperationException($"tensor {name} of {raw.Length} bytes was not declared so, or came twice");
        _output.Position = _dataStart + due.Offset;
        _output.Write(raw);
    }

    /// <summary>Checks that nothing declared is missing.</summary>
    public void Finish()
    {
        if (_due.Count > 0) throw new InvalidOperationException($"{_due.Count} declared tensors were not written, one of them {_due.First().Key}");
        _output.Position = _output.Length;
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
