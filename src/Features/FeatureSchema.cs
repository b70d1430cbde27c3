using System.Security.Cryptography;
using System.Text;

namespace Recs.Features;

/// <summary>
/// The layout of a feature row: ordered column names and their hash. It is stored with every model, and a model whose
/// hash differs from the code's is refused.
/// </summary>
public sealed class FeatureSchema
{
    private FeatureSchema(IReadOnlyList<string> columns, IReadOnlyList<int> embeddingColumns)
    {
        Columns = columns;
        EmbeddingColumns = embeddingColumns;
        var text = string.Join('\n', columns.Prepend($"recs-features-{Version}"));
        Hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
    }

    /// <summary>Grows whenever a column keeps its name but changes its meaning.</summary>
    public const int Version = 1;

    /// <summary>The schema of this build.</summary>
    public static FeatureSchema Current { get; } = Describe(FeatureSet.Create());

    /// <summary>Column names in row order.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>Places of the columns that read item vectors.</summary>
    public IReadOnlyList<int> EmbeddingColumns { get; }

    /// <summary>16 hex digits over version, names and order.</summary>
    public string Hash { get; }

    private static FeatureSchema Describe(Feature[] features)
    {
        List<string> columns = [];
        List<int> embedding = [];
        foreach (var feature in features)
        {
            if (feature.NeedsEmbeddings) embedding.AddRange(Enumerable.Range(columns.Count, feature.Columns.Count));
            columns.AddRange(feature.Columns);
        }
        return new(columns, embedding);
    }
}
