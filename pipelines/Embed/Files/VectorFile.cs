using Recs.Domain;

namespace Recs.Pipelines.Embed.Files;

/// <summary>A row of a vector file.</summary>
/// <param name="Id">Whose text.</param>
/// <param name="TextHash">SHA-256 (hex) of the text that was embedded.</param>
/// <param name="Vector">[dimensions].</param>
/// <param name="Signature">The experts of the text, such as <c>3-0-1-2</c>; empty where there are none.</param>
internal sealed record VectorRow(string Id, string TextHash, float[] Vector, string Signature);

/// <summary>What all vectors of a file have in common; version and template are in its metadata, so that a reader can refuse to mix.</summary>
/// <param name="Dimensions">Numbers a vector.</param>
/// <param name="Version">The embedding version.</param>
/// <param name="Template">How a text was made.</param>
internal sealed record VectorSchema(int Dimensions, string Version, string Template)
{
    public IReadOnlyDictionary<string, string> Metadata => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["embedding_version"] = Version,
        ["embedding_template"] = Template,
    };
}

/// <summary>
/// Vectors as a file: the columns id, text_hash, vector, signature. Written in parts, each a whole file of the format, and joined from them:
/// the same parts give the same bytes, and joining holds little of them at a time.
/// </summary>
internal abstract class VectorFile
{
    /// <summary>With the dot.</summary>
    public abstract string Extension { get; }

    /// <summary>The format that the ending of <paramref name="file"/> names, or null.</summary>
    public static VectorFile? Of(FileInfo file) => file.Extension.ToLowerInvariant() switch
    {
        ".arrow" => new ArrowVectors(),
        ".parquet" => new ParquetVectors(),
        _ => null,
    };

    public abstract void Write(string path, VectorSchema schema, IReadOnlyList<VectorRow> rows);

    /// <summary>Rows of a part.</summary>
    /// <exception cref="RefusedException">It is damaged.</exception>
    public abstract long Count(string path);

    /// <param name="parts">Of one schema, in order; may be none.</param>
    /// <param name="path">The file to be.</param>
    /// <param name="schema">That of the parts.</param>
    public abstract void Join(IReadOnlyList<string> parts, string path, VectorSchema schema);
}
