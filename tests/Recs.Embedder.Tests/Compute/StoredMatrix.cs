using Recs.Embedder.Checkpoint;
using Recs.Embedder.Compute;

namespace Recs.Embedder.Tests.Compute;

/// <summary>A seeded matrix in a safetensors file of any format and layout, and its values.</summary>
internal sealed class StoredMatrix : IDisposable
{
    private readonly SafetensorsFile _file;
    private readonly float[] _values;
    private readonly float[]? _scales;

    private StoredMatrix(SafetensorsFile file, float[] values, float[]? scales, int outputs, int inputs, bool inputMajor)
    {
        (_file, _values, _scales) = (file, values, scales);
        Source = new MatrixSource(file.Tensors[0], 0, outputs, inputs, inputMajor, scales is null ? null : file.Tensors[1]);
    }

    public MatrixSource Source { get; }

    public static StoredMatrix Random(Random random, int outputs, int inputs, string type, bool inputMajor)
    {
        var bytes = new byte[outputs * inputs * ElementTypes.SizeOf(type)!.Value];
        random.NextBytes(bytes);
        var parsed = ElementTypes.ParseWeight(type, "w", "test");
        // Any bit pattern, but for those that are not finite, and tame in size.
        if (type == "F32") for (var i = 3; i < bytes.Length; i += 4) bytes[i] = (byte)(0x3E | (bytes[i] & 0x80));
        if (type == "BF16") for (var i = 1; i < bytes.Length; i += 2) bytes[i] = (byte)(0x3E | (bytes[i] & 0x80));
        if (type == "F16") for (var i = 1; i < bytes.Length; i += 2) bytes[i] &= 0xBF;
        if (type == "F8_E4M3") for (var i = 0; i < bytes.Length; i++) if ((bytes[i] & 0x7F) == 0x7F) bytes[i] = 1;
        var scales = type == "F8_E4M3" ? Enumerable.Range(0, outputs).Select(_ => (float)random.NextDouble() + 0.01f).ToArray() : null;
        var path = Path.Combine(GoldenFolder.Temporary(), "w.safetensors");
        using (var output = File.Create(path))
        {
            (string, string, long[])[] tensors = [("w", type, inputMajor ? [inputs, outputs] : [outputs, inputs])];
            var writer = new SafetensorsWriter(output, scales is null ? tensors : [.. tensors, ("w_scale", "F32", [outputs])]);
            writer.Write<byte>("w", bytes);
            if (scales is not null) writer.Write<float>("w_scale", scales);
            writer.Finish();
        }
        var file = SafetensorsFile.Open(path);
        var values = new float[outputs * inputs];
        file.Tensors.Single(tensor => tensor.Name == "w").Widen(0, values);
        Assert.Equal(parsed, file.Tensors[0].Type);
        return new StoredMatrix(file, values, scales, outputs, inputs, inputMajor);
    }

    public float Value(int output, int input)
    {
        var value = _values[Source.InputMajor ? input * Source.Outputs + output : output * Source.Inputs + input];
        return _scales is null ? value : value * _scales[output];
    }

    public void Dispose() => _file.Dispose();
}
