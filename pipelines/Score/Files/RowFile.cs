using Recs.Domain;

namespace Recs.Pipelines.Score.Files;

/// <summary>
/// Feature rows to score. Columns are found by name: every feature of the model must be there as a 32-bit float, key columns (user, item) pass through
/// as text where they are there, others are not read. Thread rule: one thread; the parts it hands out may be scored by others.
/// </summary>
internal abstract class RowFile : IDisposable
{
    /// <summary>Columns that pass through.</summary>
    public static readonly IReadOnlyList<string> KeyNames = ["user", "item"];

    /// <param name="name">For messages.</param>
    protected RowFile(string name) => Name = name;

    public string Name { get; }

    /// <summary>Key columns that this file has.</summary>
    public abstract IReadOnlyList<string> Keys { get; }

    /// <summary>Parts in it; null for a stream, which does not say.</summary>
    public abstract int? PartCount { get; }

    /// <summary>The parts in their order; each is a call that reads and scores it, on any thread, with a scorer of its own.</summary>
    /// <param name="wanted">By number of the part.</param>
    public abstract IEnumerable<Func<PartScorer, ScoredPart>> Parts(Func<int, bool> wanted);

    /// <exception cref="RefusedException">It is missing, of no known kind, or does not fit the model.</exception>
    public static RowFile Open(string path, ScorePlan plan)
    {
        if (!File.Exists(path)) throw new RefusedException($"the input {path} is not there");
        if (new FileInfo(path).Length == 0) throw new RefusedException($"{path} is empty: it was not written to its end");
        return Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".parquet" => new ParquetRows(path, plan),
            ".arrow" or ".feather" or ".ipc" => ArrowRows.OpenFile(path, plan),
            _ => throw new RefusedException($"{path}: expected a name that ends in .parquet or .arrow"),
        };
    }

    public abstract void Dispose();

    /// <summary>Where the plan's columns stand among those of the file.</summary>
    /// <exception cref="RefusedException">One is missing or of another type.</exception>
    protected int[] Find(ScorePlan plan, IReadOnlyList<(string Name, string Type)> there, string floatType)
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var at = there.Count - 1; at >= 0; at--) places[there[at].Name] = at;
        var missing = plan.Columns.Where(name => !places.ContainsKey(name)).ToList();
        if (missing.Count > 0)
            throw new RefusedException($"{Name} has no column '{missing[0]}'{(missing.Count > 1 ? $" (nor {missing.Count - 1} others of the model's {plan.Columns.Count})" : "")}; the model reads it as {floatType}: run recs features with that model");
        return [.. plan.Columns.Select(name => there[places[name]].Type == floatType ? places[name]
            : throw new RefusedException($"{Name}: column '{name}' holds {there[places[name]].Type}, the model reads {floatType}"))];
    }

    /// <summary>Versions that the file names must be those of the model; a file that names none is taken at its column names.</summary>
    protected void RequireVersions(ScorePlan plan, IReadOnlyDictionary<string, string>? metadata)
    {
        Require(ScorePlan.SchemaKey, plan.SchemaHash, "feature schema");
        Require(ScorePlan.EmbeddingKey, plan.EmbeddingVersion, "embedding version");

        void Require(string key, string expected, string what)
        {
            if (metadata?.GetValueOrDefault(key) is { } found && found != expected)
                throw new RefusedException($"{Name} was made with {what} {found}, the model needs {expected}; run recs features with that model");
        }
    }
}
