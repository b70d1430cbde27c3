using Recs.Domain.Wire;
using Recs.Ranker.Training;
using Recs.Storage.Parquet;

namespace Recs.Pipelines.Features;

/// <summary>
/// Point-in-time training rows as Parquet: <c>request, user, item, time, label, cold</c> and one float column for each feature; the schema hash, the embedding version and the
/// action of the label are in the metadata. Rows are in the order in which their impressions became known.
/// </summary>
internal static class TrainingFile
{
    /// <returns>Rows written.</returns>
    public static long Write(string path, TrainingSet set, Domain.Events.InteractionType action, string embeddingVersion)
    {
        ParquetColumn[] columns =
        [
            new("request", ParquetType.Text), new("user", ParquetType.Text), new("item", ParquetType.Text), new("time", ParquetType.Timestamp), new("label", ParquetType.Bool), new("cold", ParquetType.Bool),
            .. set.Schema.Columns.Select(name => new ParquetColumn(name, ParquetType.Float)),
        ];
        using var writer = new ParquetWriter(path, columns, new Dictionary<string, string>
        {
            [FeatureFile.SchemaKey] = set.Schema.Hash,
            [FeatureFile.EmbeddingKey] = embeddingVersion,
            ["recs.label"] = ActionNames.Of(action),
        });
        foreach (var group in set.Groups)
            for (var row = group.First; row < group.First + group.Count; row++)
            {
                writer.Text(group.Request.Value);
                writer.Text(group.User.Value);
                writer.Text(set.Items[row].Value);
                writer.Time(group.Time);
                writer.Bool(set.Labels[row]);
                writer.Bool(set.Cold[row]);
                foreach (var value in set.Row(row)) writer.Float(value);
                writer.EndRow();
            }
        writer.Finish();
        return writer.RowCount;
    }
}
