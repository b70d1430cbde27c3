using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using ParquetSharp;
using Column = ParquetSharp.Column;

namespace Recs.Pipelines.Tests.Score;

/// <summary>Made-up feature rows in every form that <c>recs score</c> reads.</summary>
internal sealed class FeatureTable
{
    public FeatureTable(IReadOnlyList<string> columns, int rows, int seed)
    {
        var random = new Random(seed);
        Columns = columns;
        Users = [.. Enumerable.Range(0, rows).Select(row => $"ü{row / 7}")];
        Items = [.. Enumerable.Range(0, rows).Select(row => $"i{row}")];
        Values = [.. columns.Select(_ => Enumerable.Range(0, rows).Select(_ => random.Next(-20, 21) / 4f).ToArray())];
    }

    public IReadOnlyList<string> Columns { get; }
    public string[] Users { get; }
    public string[] Items { get; }
    /// <summary>[columns][rows].</summary>
    public float[][] Values { get; }
    public int Rows => Users.Length;
    public Dictionary<string, string> Metadata { get; } = [];

    public float[] Row(int row) => [.. Values.Select(column => column[row])];

    /// <summary>Columns in another order than the model's, with one that it does not read.</summary>
    public void WriteParquet(string path, int group, bool optional = false)
    {
        var order = Order();
        Column[] columns = [new Column<int>("clicked"), .. order.Select(at => optional ? (Column)new Column<float?>(Columns[at]) : new Column<float>(Columns[at])), new Column<string>("item"), new Column<string>("user")];
        using var writer = new ParquetFileWriter(path, columns, Compression.Snappy, Metadata);
        for (var first = 0; first < Rows; first += group)
        {
            var range = first..Math.Min(first + group, Rows);
            using var rows = writer.AppendRowGroup();
            Write(rows, new int[range.End.Value - first]);
            foreach (var at in order)
                if (optional) Write(rows, Values[at][range].Select(value => (float?)value).ToArray());
                else Write(rows, Values[at][range]);
            Write(rows, Items[range]);
            Write(rows, Users[range]);
        }
        writer.Close();

        static void Write<T>(RowGroupWriter rows, T[] values)
        {
            using var column = rows.NextColumn().LogicalWriter<T>();
            column.WriteBatch(values);
        }
    }

    public void WriteArrow(Stream stream, int batch, bool asFile)
    {
        var order = Order();
        var schema = new Schema([.. order.Select(at => new Field(Columns[at], FloatType.Default, true)), new Field("item", StringType.Default, true), new Field("user", StringType.Default, true)], Metadata);
        using var writer = asFile ? new ArrowFileWriter(stream, schema, leaveOpen: true) : new ArrowStreamWriter(stream, schema, leaveOpen: true);
        writer.WriteStart();
        for (var first = 0; first < Rows; first += batch)
        {
            var range = first..Math.Min(first + batch, Rows);
            using var rows = new RecordBatch(schema, [.. order.Select(at => (IArrowArray)new FloatArray.Builder().AppendRange(Values[at][range]).Build()), Texts(Items[range]), Texts(Users[range])], range.End.Value - first);
            writer.WriteRecordBatch(rows);
        }
        writer.WriteEnd();
    }

    private static StringArray Texts(string[] texts) => new StringArray.Builder().AppendRange(texts).Build();

    private int[] Order() => [.. Enumerable.Range(0, Columns.Count).Reverse()];
}

/// <summary>What <c>recs score</c> wrote.</summary>
internal sealed record ScoreTable(string[] Users, string[] Items, Dictionary<string, float[]> Heads, IReadOnlyDictionary<string, string> Metadata, int[] Parts)
{
    public static ScoreTable ReadParquet(string path)
    {
        using var file = new ParquetFileReader(path);
        string[] names = [.. Enumerable.Range(0, file.FileMetaData.NumColumns).Select(at => file.FileMetaData.Schema.Column(at).Name)];
        List<string> users = [], items = [];
        List<int> parts = [];
        var heads = names.Except(["user", "item"]).ToDictionary(name => name, _ => new List<float>());
        for (var group = 0; group < file.FileMetaData.NumRowGroups; group++)
        {
            using var rows = file.RowGroup(group);
            var count = (int)rows.MetaData.NumRows;
            parts.Add(count);
            users.AddRange(Read<string>(rows, "user", count));
            items.AddRange(Read<string>(rows, "item", count));
            foreach (var (name, scores) in heads) scores.AddRange(Read<float>(rows, name, count));
        }
        return new([.. users], [.. items], heads.ToDictionary(head => head.Key, head => head.Value.ToArray()), new Dictionary<string, string>(file.FileMetaData.KeyValueMetadata), [.. parts]);

        T[] Read<T>(RowGroupReader rows, string name, int count)
        {
            using var column = rows.Column(System.Array.IndexOf(names, name)).LogicalReader<T>();
            return column.ReadAll(count);
        }
    }

    public static ScoreTable ReadArrow(Stream stream, bool asFile)
    {
        using var reader = asFile ? new ArrowFileReader(stream) : new ArrowStreamReader(stream);
        List<string> users = [], items = [];
        List<int> parts = [];
        Dictionary<string, List<float>> heads = [];
        while (reader.ReadNextRecordBatch() is { } batch)
        {
            parts.Add(batch.Length);
            foreach (var (field, at) in batch.Schema.FieldsList.Select((field, at) => (field, at)))
                if (batch.Column(at) is StringArray texts) (field.Name == "user" ? users : items).AddRange(Enumerable.Range(0, texts.Length).Select(row => texts.GetString(row)));
                else (heads.TryGetValue(field.Name, out var scores) ? scores : heads[field.Name] = []).AddRange(((FloatArray)batch.Column(at)).Values.ToArray());
        }
        return new([.. users], [.. items], heads.ToDictionary(head => head.Key, head => head.Value.ToArray()), reader.Schema.Metadata, [.. parts]);
    }
}
