using Recs.Domain;
using Recs.Domain.Ranking;

namespace Recs.Storage.Scores;

/// <summary>What the batch jobs computed, by model version. Saving a version again replaces it as a whole, so that a job may be repeated.</summary>
public interface IScoreStore
{
    /// <summary>Loads the batch scores of a Parquet file (see <see cref="ScoreFile"/>); each model version in it replaces what was stored of it.</summary>
    /// <param name="parquetFile">The file.</param>
    /// <param name="scoredAt">When the scores were computed.</param>
    /// <returns>Rows loaded.</returns>
    /// <exception cref="RefusedException">The file is missing, broken or has other columns.</exception>
    long LoadScores(string parquetFile, Timestamp scoredAt);

    /// <summary>The stored batch scores of a user, best first; empty when there are none.</summary>
    IReadOnlyList<ScoredItem> Scores(UserId user, string modelVersion);

    /// <summary>Replaces the scored test rows of <paramref name="modelVersion"/>.</summary>
    /// <returns>Rows saved.</returns>
    long SavePredictions(string modelVersion, IEnumerable<Prediction> predictions);
}

/// <summary>A held-out row: what the model said and what happened.</summary>
/// <param name="Request">The impression's request.</param>
/// <param name="User">For whom.</param>
/// <param name="Item">The item shown.</param>
/// <param name="Score">Predicted probability, in [0, 1].</param>
/// <param name="Label">Whether it happened.</param>
public readonly record struct Prediction(RequestId Request, UserId User, ItemId Item, double Score, bool Label);
