using Recs.Domain;
using Recs.Pipelines.Features;
using Recs.Ranker.Batch;
using Recs.Ranker.Model;
using Recs.Storage.Scores;

namespace Recs.Pipelines.Score;

/// <summary><c>recs score --rank</c>: each user's rows, which must stand together, ordered by the first head; what <c>recs load</c> reads.</summary>
internal static class RankedScores
{
    /// <returns>Rows written.</returns>
    /// <exception cref="RefusedException">The files are not Parquet, or the input was not written by <c>recs features</c> with this model.</exception>
    public static long Write(RankerModel model, string input, string output)
    {
        foreach (var path in new[] { input, output })
            if (!path.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase)) throw new RefusedException($"{path}: --rank reads and writes .parquet files");
        try
        {
            return ScoreFile.Write(output, FeatureFile.Read(input, model.Schema, model.EmbeddingVersion).AsParallel().AsOrdered().SelectMany(new BatchScorer(model).Score));
        }
        catch (AggregateException failed) when (failed.Flatten().InnerExceptions.OfType<RefusedException>().FirstOrDefault() is { } refused)
        {
            // Threads that read and score hand their faults over in a bundle.
            throw new RefusedException(refused.Message, refused);
        }
    }
}
