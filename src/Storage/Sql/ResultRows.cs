using System.Security.Cryptography;
using System.Text;
using Recs.Domain;
using Recs.Domain.Embeddings;
using Recs.Domain.Events;
using Recs.Domain.Ranking;
using Recs.Domain.Wire;
using Recs.Storage.Scores;

namespace Recs.Storage.Sql;

/// <summary>The values of every row besides facts, in the column order that <see cref="StoreSql"/> names.</summary>
internal static class ResultRows
{
    public static void Write(BulkWriter row, DeadLetter letter)
    {
        row.Text(letter.Partition.Topic);
        row.Integer(letter.Partition.Partition);
        row.Long(letter.Offset);
        row.Text(Convert.ToHexStringLower(SHA256.HashData(letter.Raw)));
        row.Small((short)letter.Rejection.Reason);
        row.Text(WireText.Storable(letter.Rejection.Detail));
        row.Bytes(letter.Raw);
        row.Time(letter.Known);
        row.Text(letter.Key is null ? null : Convert.ToBase64String(letter.Key));
    }

    public static void Write(BulkWriter row, Fact late)
    {
        row.Day(SqlTime.DayOf(late.Event.Time));
        row.Text(late.Event.Id.Value);
        row.Time(late.Event.Time);
        row.Time(late.Known);
        row.Text(UserHash.UserOf(late.Event)?.Value);
        row.Text(Encoding.UTF8.GetString(EventCodec.Write(late.Event)));
    }

    public static void Write(BulkWriter row, ItemEmbedding embedding)
    {
        row.Text(embedding.Version);
        row.Text(embedding.Item.Value);
        row.Text(embedding.ContentHash);
        row.Vector(embedding.Vector);
        row.Text(WireText.Storable(embedding.Signature));
    }

    public static void Write(BulkWriter row, ScoredItem score, Timestamp scoredAt)
    {
        row.Text(score.ModelVersion);
        row.Text(score.User.Value);
        row.Text(score.Item.Value);
        row.Real(score.Score);
        row.Integer(score.Rank);
        row.Text(score.EmbeddingVersion);
        row.Time(scoredAt);
    }

    public static void Write(BulkWriter row, Prediction prediction, string modelVersion)
    {
        row.Text(modelVersion);
        row.Text(prediction.Request.Value);
        row.Text(prediction.User.Value);
        row.Text(prediction.Item.Value);
        row.Double(prediction.Score);
        row.Small((short)(prediction.Label ? 1 : 0));
    }
}
