using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Wire;
using Recs.Features;
using Recs.Storage.Parquet;

namespace Recs.Pipelines.Train;

/// <summary>
/// A table as Parquet: <c>request, user, item</c> (texts), <c>time</c> (a moment), one number column for each action's label (1 or 0; dwell in seconds), one for each feature,
/// and where they are there <c>weight</c> (above 0) and <c>cold</c> (true or false). The feature schema's hash and the embedding version stand in the metadata.
/// </summary>
internal static class TableFile
{
    public const string SchemaKey = "recs.feature_schema", EmbeddingKey = "recs.embedding_version";

    private static readonly ParquetType[] Numbers = [ParquetType.Float, ParquetType.Double, ParquetType.Int, ParquetType.Long, ParquetType.Bool];

    /// <param name="path">The file.</param>
    /// <param name="schema">The columns that are needed.</param>
    /// <param name="actions">The labels that are needed.</param>
    /// <exception cref="RefusedException">A column is missing or of the wrong type, a value is missing or out of its range, or there are no rows; with the column and what was expected.</exception>
    public static TrainingTable Read(string path, FeatureSchema schema, IReadOnlyList<InteractionType> actions)
    {
        using var file = ParquetFile.Open(path);
        var found = file.Columns.ToDictionary(column => column.Name, column => column.Type, StringComparer.Ordinal);
        if (file.Metadata.GetValueOrDefault(SchemaKey) is { } hash && hash != schema.Hash)
            throw new RefusedException($"{path} holds rows of feature schema {hash}, expected {schema.Hash}; make the rows with the features that the model reads");
        ParquetColumn Need(string name, string what, params ParquetType[] types)
        {
            if (!found.TryGetValue(name, out var type)) throw new RefusedException($"{path} has no column '{name}', expected {what}");
            return types.Contains(type) ? new(name, types[0]) : throw new RefusedException($"{path}: column '{name}' holds {type}, expected {what}");
        }
        bool weighted = found.ContainsKey("weight"), cold = found.ContainsKey("cold");
        List<ParquetColumn> columns =
        [
            Need("request", "the impression's id as text", ParquetType.Text), Need("user", "the user's id as text", ParquetType.Text), Need("time", "the moment of the impression", ParquetType.Timestamp),
            .. actions.Select(action => Need(ActionNames.Of(action), action == InteractionType.Dwell ? "seconds of dwell, 0 or more" : "1 where the action followed, else 0", Numbers)),
            .. schema.Columns.Select(name => Need(name, "a number", Numbers)),
        ];
        var optional = columns.Count;
        if (weighted) columns.Add(Need("weight", "a number above 0", Numbers));
        if (cold) columns.Add(Need("cold", "true or false", ParquetType.Bool));
        if (file.RowCount == 0) throw new RefusedException($"{path} holds no rows");

        var rows = checked((int)file.RowCount);
        var features = new float[checked(rows * schema.Width)];
        var labels = actions.Select(_ => new float[rows]).ToArray();
        var (times, users, lists) = (new Timestamp[rows], new int[rows], new int[rows]);
        var (news, weights) = (new bool[rows], weighted ? new float[rows] : null);
        Dictionary<string, int> userNumbers = new(StringComparer.Ordinal), listNumbers = new(StringComparer.Ordinal);
        var at = 0;
        foreach (var batch in file.Read(columns))
            for (var row = 0; row < batch.Count; row++, at++)
            {
                RefusedException Wrong(int column, string what) => new($"{path}, row {at}: {columns[column].Name} is {(batch.IsNull(column, row) ? "missing" : columns[column].Type == ParquetType.Float ? batch.Floats(column)[row].ToString(System.Globalization.CultureInfo.InvariantCulture) : "wrong")}, expected {what}");
                for (var column = 0; column < 3; column++) if (batch.IsNull(column, row)) throw Wrong(column, "a value");
                lists[at] = Number(listNumbers, batch.Texts(0)[row]!);
                users[at] = Number(userNumbers, batch.Texts(1)[row]!);
                times[at] = batch.Times(2)[row];
                for (var label = 0; label < labels.Length; label++)
                {
                    var value = batch.Floats(3 + label)[row];
                    if (!(value >= 0) || float.IsInfinity(value) || actions[label] != InteractionType.Dwell && value is not (0 or 1)) throw Wrong(3 + label, actions[label] == InteractionType.Dwell ? "seconds, 0 or more" : "1 or 0");
                    labels[label][at] = value;
                }
                for (var feature = 0; feature < schema.Width; feature++)
                {
                    var value = batch.Floats(3 + labels.Length + feature)[row];
                    features[at * schema.Width + feature] = float.IsFinite(value) ? value : throw Wrong(3 + labels.Length + feature, "a finite number");
                }
                if (weights is not null) weights[at] = batch.Floats(optional)[row] is > 0 and < float.PositiveInfinity and var weight ? weight : throw Wrong(optional, "a number above 0");
                if (cold) news[at] = batch.Bools(columns.Count - 1)[row];
            }
        var table = new TrainingTable(schema, file.Metadata.GetValueOrDefault(EmbeddingKey) ?? "none", features, actions.Zip(labels).ToDictionary(pair => pair.First, pair => pair.Second), times, users, lists, news, weights);
        return InOrder(table);
    }

    /// <summary>Writes a table whose lists and users are named by their numbers.</summary>
    public static void Write(string path, TrainingTable table)
    {
        List<(InteractionType Action, float[] Labels)> labels = [.. table.Labels.OrderBy(label => label.Key).Select(label => (label.Key, label.Value))];
        using var writer = new ParquetWriter(path,
        [
            new("request", ParquetType.Text), new("user", ParquetType.Text), new("time", ParquetType.Timestamp), new("cold", ParquetType.Bool),
            .. labels.Select(label => new ParquetColumn(ActionNames.Of(label.Action), ParquetType.Float)), .. table.Schema.Columns.Select(name => new ParquetColumn(name, ParquetType.Float)),
            .. table.Weights is null ? Array.Empty<ParquetColumn>() : [new("weight", ParquetType.Float)],
        ], new Dictionary<string, string> { [SchemaKey] = table.Schema.Hash, [EmbeddingKey] = table.EmbeddingVersion });
        for (var row = 0; row < table.Rows; row++)
        {
            writer.Text($"r{table.Lists[row]}");
            writer.Text($"u{table.Users[row]}");
            writer.Time(table.Times[row]);
            writer.Bool(table.Cold[row]);
            foreach (var (_, values) in labels) writer.Float(values[row]);
            foreach (var value in table.Features.AsSpan(row * table.Schema.Width, table.Schema.Width)) writer.Float(value);
            if (table.Weights is { } weights) writer.Float(weights[row]);
            writer.EndRow();
        }
        writer.Finish();
    }

    private static int Number(Dictionary<string, int> numbers, string name)
    {
        if (!numbers.TryGetValue(name, out var number)) numbers.Add(name, number = numbers.Count);
        return number;
    }

    private static TrainingTable InOrder(TrainingTable table)
    {
        var order = Enumerable.Range(0, table.Rows).OrderBy(row => table.Times[row].Milliseconds).ToArray();
        if (order.Select((row, at) => row == at).All(same => same)) return table;
        var features = new float[table.Features.Length];
        for (var at = 0; at < order.Length; at++) table.Features.AsSpan(order[at] * table.Schema.Width, table.Schema.Width).CopyTo(features.AsSpan(at * table.Schema.Width));
        T[] Sorted<T>(T[] values) => [.. order.Select(row => values[row])];
        return table with
        {
            Features = features, Labels = table.Labels.ToDictionary(label => label.Key, label => Sorted(label.Value)), Times = Sorted(table.Times), Users = Sorted(table.Users), Lists = Sorted(table.Lists),
            Cold = Sorted(table.Cold), Weights = table.Weights is null ? null : Sorted(table.Weights),
        };
    }
}
