using Recs.Domain;

namespace Recs.Pipelines.Score.Files;

/// <summary>Where scores go. Thread rule: one thread.</summary>
internal abstract class ScoreSink : IDisposable
{
    /// <summary>Appends one part.</summary>
    public abstract void Write(ScoredPart part);

    /// <summary>Ends the file and gives it its name: before that there is nothing under it.</summary>
    public abstract void Finish();

    /// <summary>Drops what was not finished.</summary>
    public abstract void Dispose();

    /// <param name="path">The file to be.</param>
    /// <param name="plan">Its heads are the columns.</param>
    /// <param name="keys">Text columns that come first.</param>
    /// <param name="origin">What the file says it was made from.</param>
    /// <exception cref="RefusedException">The name is of no known kind, or the place cannot be written.</exception>
    public static ScoreSink Create(string path, ScorePlan plan, IReadOnlyList<string> keys, ScoreOrigin origin) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".parquet" => new ParquetScores(path, plan, keys, origin),
        ".arrow" or ".feather" or ".ipc" => new ArrowScores(path, plan, keys, origin),
        _ => throw new RefusedException($"{path}: expected a name that ends in .parquet or .arrow"),
    };
}
