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
    }

    /// <summary>The name as stored, with whatever prefix.</summary>
    public string Name { get; }

    /// <summary>The dtype as the header spells it.</summary>
    public string TypeName { get; }

    public IReadOnlyList<long> Shape { get; }

    public string FilePath => _file.Path;

    public long Count => Shape.Aggregate(1L, (product, side) => product * side);

    /// <exception cref="RefusedException">The dtype is not one a weight can have.</exception>
    public ElementType Type => ElementTypes.ParseWeight(TypeName, Name, FilePath);

    /// <summary>Elements <paramref name="first"/> .. <paramref name="first"/> + <paramref name="to"/>.Length − 1 as float32.</summary>
    public void Widen(long first, Span<float> to)
    {
        if (first < 0 || first + to.Length > Count) throw new ArgumentOutOfRangeException(nameof(first), first, $"tensor {Name} has {Count} elements");
        var type = Type;
        var size = type switch { ElementType.F32 => 4L, ElementType.F8E4M3 => 1L, _ => 2L };
        ElementWidening.Widen(type, _data + first * size, to);
    }

    /// <exception cref="RefusedException">A value that starts at element <paramref name="first"/> is NaN or infinite.</exception>
    public void RequireFinite(long first, ReadOnlySpan<float> values)
    {
        var at = ElementWidening.FirstNotFinite(values);
        if (at >= 0)
            throw new RefusedException($"{FilePath}: tensor {Name} is not finite: element {first + at} is {(float.IsNaN(values[at]) ? "NaN" : "Inf")}; the file is damaged");
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
}
