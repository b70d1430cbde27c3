using Recs.Domain;
using Recs.Features;
using Recs.Ranker.Batch;
using Recs.Storage.Parquet;

namespace Recs.Pipelines.Features;

/// <summary>Feature rows as Parquet: <c>user, item</c> and one float column for each feature; the schema hash and the embedding version are in the metadata.</summary>
internal static class FeatureFile
{
    internal const string SchemaKey = "recs.feature_schema", EmbeddingKey = "recs.embedding_version";

    private static ParquetColumn[] Columns(FeatureSchema schema) =>
        [new("user", ParquetType.Text), new("item", ParquetType.Text), .. schema.Columns.Select(name => new ParquetColumn(name, ParquetType.Float))];

    /// <returns>Rows written.</returns>
    public static long Write(string path, IEnumerable<CandidateBlock> blocks, FeatureSchema schema, string embeddingVersion)
    {
        using var writer = new ParquetWriter(path, Columns(schema), new Dictionary<string, string> { [SchemaKey] = schema.Hash, [EmbeddingKey] = embeddingVersion });
        foreach (var block in blocks)
            for (var i = 0; i < block.Items.Count; i++)
            {
                writer.Text(block.User.Value);
                writer.Text(block.Items[i].Value);
                foreach (var value in block.Features.AsSpan(i * schema.Width, schema.Width)) writer.Float(value);
                writer.EndRow();
            }
        writer.Finish();
        return writer.RowCount;
    }

    /// <summary>The rows as blocks of one user each, streamed; a user's rows must stand together.</summary>
    /// <exception cref="RefusedException">The file is not of <paramref name="schema"/> or not made with <paramref name="embeddingVersion"/>, or a value is missing or not finite.</exception>
    public static IEnumerable<CandidateBlock> Read(string path, FeatureSchema schema, string embeddingVersion)
    {
        using var file = ParquetFile.Open(path);
        Require(file, SchemaKey, schema.Hash, "feature schema");
        Require(file, EmbeddingKey, embeddingVersion, "embedding version");
        var columns = Columns(schema);
        string? user = null;
        List<ItemId> items = [];
        List<float> features = [];
        var number = 0L;
        foreach (var batch in file.Read(columns))
            for (var row = 0; row < batch.Count; row++, number++)
            {
                if (batch.Texts(0)[row] is not { Length: > 0 } next || batch.Texts(1)[row] is not { Length: > 0 } item)
                    throw new RefusedException($"{path}, row {number}: user or item is missing");
                if (next != user && user is not null)
                {
                    yield return new(new UserId(user), [.. items], [.. features]);
                    items.Clear();
                    features.Clear();
                }
                user = next;
                items.Add(new ItemId(item));
                for (var column = 2; column < columns.Length; column++)
                {
                    var value = batch.Floats(column)[row];
                    if (!float.IsFinite(value)) throw new RefusedException($"{path}, row {number}: {columns[column].Name} is {value}, expected a finite number");
                    features.Add(value);
                }
            }
        if (user is not null) yield return new(new UserId(user), [.. items], [.. features]);
    }

    private static void Require(ParquetFile file, string key, string expected, string what)
    {
        if (file.Metadata.GetValueOrDefault(key) is var found && found != expected)
            throw new RefusedException($"{file.Path} was made with {what} {found ?? "(none named)"}, the model needs {expected}; run recs features with that model");
    }
}
