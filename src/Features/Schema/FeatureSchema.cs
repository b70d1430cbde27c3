using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Recs.Domain;
using Recs.Features.Embedding;

namespace Recs.Features;

/// <summary>
/// The layout of a feature row: the features a model reads, in order, with their parameters. Every model has one of its own, stored with it;
/// it is read from a features file or from a model's description. Immutable; safe from any thread.
/// </summary>
public sealed class FeatureSchema
{
    /// <summary>Features in a schema at most.</summary>
    private const int Most = 200;

    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);

    private FeatureSchema(IReadOnlyList<FeatureChoice> features)
    {
        Features = features;
        List<string> columns = [], owners = [];
        List<int> embedding = [];
        foreach (var (feature, choice) in CreateFeatures().Zip(features))
        {
            owners.AddRange(Enumerable.Repeat(choice.Attribute is null ? choice.Name : $"{choice.Name} of {choice.Attribute}", feature.Columns.Count));
            if (feature.NeedsEmbeddings) embedding.AddRange(Enumerable.Range(columns.Count, feature.Columns.Count));
            columns.AddRange(feature.Columns);
            NeedsRatings |= feature.NeedsRatings;
        }
        (Columns, Owners, EmbeddingColumns) = (columns, owners, embedding);
        for (var at = 0; at < columns.Count; at++)
            if (!_places.TryAdd(columns[at], at)) throw new RefusedException($"two features make the column {columns[at]}: name each feature once");
        Hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text())))[..16];
    }

    /// <summary>Grows whenever a column keeps its name but changes its meaning.</summary>
    public const int Version = 1;

    /// <summary>Grows whenever columns keep their meaning but not their last bits: a features file stays what it was, a model was learnt from other bits.</summary>
    private const int Arithmetic = 2;

    /// <summary>The features this build knows.</summary>
    public static IReadOnlyList<FeatureDefinition> Known => FeatureSet.Known;

    /// <summary>What a model reads where no features file is named.</summary>
    public static FeatureSchema Standard { get; } = Of(FeatureSet.Standard.Select(name => new FeatureChoice(name)));

    /// <summary>The features in row order, every parameter said.</summary>
    public IReadOnlyList<FeatureChoice> Features { get; }

    /// <summary>Column names in row order.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>The feature that reads each column, in row order: its name, and the attribute it reads, as in "number_taste of year".</summary>
    public IReadOnlyList<string> Owners { get; }

    /// <summary>Places of the columns that read item vectors.</summary>
    public IReadOnlyList<int> EmbeddingColumns { get; }

    /// <summary>Places of the other columns, in order: what the ablation without embeddings reads.</summary>
    public IEnumerable<int> OtherColumns => Enumerable.Range(0, Width).Except(EmbeddingColumns);

    /// <summary>Whether a feature reads who liked what: then affinity tables are built with it.</summary>
    public bool NeedsRatings { get; }

    /// <summary>Whether <see cref="Fit"/> finds anything: then rows are read with the fitted schema alone.</summary>
    public bool Fits => Features.Any(choice => Definition(choice.Name).Finds);

    /// <summary>Numbers in a row.</summary>
    public int Width => Columns.Count;

    /// <summary>16 hex digits over version, arithmetic, features, parameters and columns, in order.</summary>
    public string Hash { get; }

    /// <summary>The place of a column, or −1 where the schema has none of that name.</summary>
    public int Find(string column) => _places.GetValueOrDefault(column, -1);

    /// <summary>The schema of these features.</summary>
    /// <param name="features">In row order.</param>
    /// <param name="version">The version they were written for.</param>
    /// <exception cref="RefusedException">A feature or a parameter is not known to this build, a value is out of its range, or the version is another; the nearest known names are told.</exception>
    public static FeatureSchema Of(IEnumerable<FeatureChoice> features, int version = Version)
    {
        if (version != Version) throw new RefusedException($"features of schema version {version}, this build makes version {Version}: some columns mean something else now; see CHANGELOG.md");
        List<FeatureChoice> filled = [.. features.Select(choice => Definition(choice.Name).Fill(choice))];
        return filled.Count is >= 1 and <= Most ? new(filled) : throw new RefusedException($"{filled.Count} features, range 1 to {Most}");
    }

    /// <summary>
    /// The schema with what its features find on the vectors, once, before training: it stays with the model and is part of the hash, so that training and serving read alike whatever
    /// becomes of the catalogue. The schema itself where no feature finds anything, or there are no vectors.
    /// </summary>
    /// <param name="vectors">The vectors that the training rows read, or null.</param>
    public FeatureSchema Fit(ItemVectors? vectors)
    {
        if (vectors is not { Count: > 0 }) return this;
        List<FeatureChoice> fitted = [.. Features.Select(choice => Definition(choice.Name).Fit(choice, vectors))];
        return fitted.Zip(Features).All(pair => ReferenceEquals(pair.First, pair.Second)) ? this : new(fitted);
    }

    /// <summary>Fresh instances; an instance that reads belongs to one thread.</summary>
    internal Feature[] CreateFeatures() => [.. Features.Select(choice => Definition(choice.Name).Create(choice))];

    private static FeatureDefinition Definition(string name) => Known.FirstOrDefault(known => known.Name == name)
        ?? throw new RefusedException($"this build knows no feature '{name}'; nearest: {NearestNames.Of(name, Known.Select(known => known.Name))}");

    private string Text()
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"recs-features-{Version}, arithmetic {Arithmetic}\n");
        foreach (var (name, parameters, attribute, found) in Features)
        {
            text.Append(name);
            if (attribute is not null) text.Append(" of ").Append(attribute);
            foreach (var parameter in Definition(name).Parameters) text.Append(CultureInfo.InvariantCulture, $" {parameter.Name}={parameters[parameter.Name]:R}");
            if (found is not null) text.Append(" found ").Append(Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes<float>([.. found]))));
            text.Append('\n');
        }
        foreach (var column in Columns) text.Append(column).Append('\n');
        return text.ToString();
    }
}
