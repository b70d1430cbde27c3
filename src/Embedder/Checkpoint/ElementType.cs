using Recs.Domain;

namespace Recs.Embedder.Checkpoint;

/// <summary>The number formats of stored tensors that the model can read.</summary>
internal enum ElementType
{
    F32,
    BF16,
    F16,

    /// <summary>8-bit float: 4 exponent and 3 mantissa bits, no infinities; needs a scale beside it.</summary>
    F8E4M3,
}

/// <summary>The format names of a safetensors header.</summary>
internal static class ElementTypes
{
    /// <summary>Bytes of one element by safetensors name; a tensor of another name is refused when it is needed, not before.</summary>
    private static readonly Dictionary<string, int> SizesByName = new(StringComparer.Ordinal)
    {
        ["BOOL"] = 1, ["U8"] = 1, ["I8"] = 1, ["F8_E4M3"] = 1, ["F8_E5M2"] = 1, ["F8_E8M0"] = 1,
        ["U16"] = 2, ["I16"] = 2, ["F16"] = 2, ["BF16"] = 2,
        ["U32"] = 4, ["I32"] = 4, ["F32"] = 4,
        ["U64"] = 8, ["I64"] = 8, ["F64"] = 8,
    };

    /// <summary>Bytes of one element, or null for a name that is not known here.</summary>
    public static int? SizeOf(string name) => SizesByName.TryGetValue(name, out var size) ? size : null;

    /// <exception cref="RefusedException">The format is not one a weight can have.</exception>
    public static ElementType ParseWeight(string name, string tensor, string file) => name switch
    {
        "F32" => ElementType.F32,
        "BF16" => ElementType.BF16,
        "F16" => ElementType.F16,
        "F8_E4M3" => ElementType.F8E4M3,
        _ => throw new RefusedException($"{file}: tensor {tensor} has dtype {name}; a weight must be F32, BF16, F16 or F8_E4M3"),
    };
}
