using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Recs.Pipelines.Tests.Bench;

/// <summary>The tensors of a safetensors file, as bytes.</summary>
internal sealed class SafetensorsBytes
{
    private readonly byte[] _file;
    private readonly int _data;
    private readonly Dictionary<string, (int Begin, int End)> _offsets;

    public SafetensorsBytes(string path)
    {
        _file = File.ReadAllBytes(path);
        var header = (int)BinaryPrimitives.ReadInt64LittleEndian(_file);
        _data = 8 + header;
        using var json = JsonDocument.Parse(_file.AsMemory(8, header));
        _offsets = json.RootElement.EnumerateObject().Where(entry => entry.Name != "__metadata__").ToDictionary(
            entry => entry.Name, entry => (entry.Value.GetProperty("data_offsets")[0].GetInt32(), entry.Value.GetProperty("data_offsets")[1].GetInt32()));
    }

    public IEnumerable<string> Names => _offsets.Keys;

    public ReadOnlySpan<byte> Bytes(string name) => _file.AsSpan(_data)[_offsets[name].Begin.._offsets[name].End];

    public ReadOnlySpan<float> Floats(string name) => MemoryMarshal.Cast<byte, float>(Bytes(name));
}
