using Recs.Domain;

namespace Recs.Embedder.Checkpoint;

/// <summary>One stored tensor: where it lies in its mapped file, row-major. Valid as long as the <see cref="SafetensorsFile"/> that made it.</summary>
internal sealed unsafe class TensorView
{
    private readonly SafetensorsFile _file;
    private readonly byte* _data;

    public TensorView(SafetensorsFile file, SafetensorsEntry entry, byte* data)
    {
        _file = file;
        _data = data;
        Name = entry.Name;
        TypeName = entry.TypeName;
        Shape = entry.Shape;
        Count = entry.Shape.Aggregate(1L, (product, side) => product * side);
    }

    /// <summary>The name as stored, with whatever prefix.</summary>
    public string Name { get; }

    /// <summary>The dtype as the header spells it.</summary>
    public string TypeName { get; }

    public IReadOnlyList<long> Shape { get; }

    public string FilePath => _file.Path;

    public long Count { get; }

    /// <exception cref="RefusedException">The dtype is not one a weight can have.</exception>
    public ElementType Type => ElementTypes.ParseWeight(TypeName, Name, FilePath);

    /// <summary>Bytes of one element.</summary>
    public int ElementBytes => ElementWidening.SizeOf(Type);

    /// <summary>Elements <paramref name="first"/> .. <paramref name="first"/> + <paramref name="to"/>.Length − 1 as float32, from the mapping.</summary>
    public void Widen(long first, Span<float> to)
    {
        RequireRange(first, to.Length);
        fixed (float* pointer = to) ElementWidening.Widen(Type, _data + first * ElementBytes, pointer, to.Length);
    }

    /// <summary>
    /// Reads <paramref name="count"/> stored elements as they are, by the file and not by the mapping: what passes through once leaves no page of
    /// it in this process.
    /// </summary>
    /// <exception cref="RefusedException">The file has become shorter.</exception>
    public void Read(long first, byte* to, nint count)
    {
        RequireRange(first, count);
        _file.Read(_data + first * ElementBytes, to, (long)count * ElementBytes);
    }

    /// <exception cref="RefusedException">One of <paramref name="count"/> stored elements, the first of which is element <paramref name="first"/>, is NaN or infinite.</exception>
    public void RequireFinite(long first, byte* stored, nint count)
    {
        var at = ElementWidening.FirstNotFinite(Type, stored, count);
        if (at < 0) return;
        float value;
        ElementWidening.Widen(Type, stored + at * ElementBytes, &value, 1);
        throw new RefusedException($"{FilePath}: tensor {Name} is not finite: element {first + at} is {(float.IsNaN(value) ? "NaN" : "Inf")}; the file is damaged");
    }

    /// <summary>All elements as float32, read by the file.</summary>
    /// <exception cref="RefusedException">One is NaN or infinite.</exception>
    public float[] ReadFinite(long first, int count)
    {
        var (stored, values) = (new byte[count * ElementBytes], new float[count]);
        fixed (byte* from = stored)
        fixed (float* to = values)
        {
            Read(first, from, count);
            RequireFinite(first, from, count);
            ElementWidening.Widen(Type, from, to, count);
        }
        return values;
    }

    /// <exception cref="RefusedException">The shape is not <paramref name="expected"/>.</exception>
    public TensorView RequireShape(params ReadOnlySpan<long> expected)
    {
        if (Shape.Count == expected.Length)
        {
            var equal = true;
            for (var i = 0; i < expected.Length; i++) equal &= Shape[i] == expected[i];
            if (equal) return this;
        }
        throw new RefusedException($"{FilePath}: tensor {Name} has shape [{string.Join(", ", Shape)}]; config.json asks for [{string.Join(", ", expected.ToArray())}]");
    }

    private void RequireRange(long first, long count)
    {
        if (first < 0 || count < 0 || first + count > Count) throw new ArgumentOutOfRangeException(nameof(first), first, $"tensor {Name} has {Count} elements, {count} from there are asked for");
    }
}
