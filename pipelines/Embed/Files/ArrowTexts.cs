using System.Globalization;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Recs.Domain;

namespace Recs.Pipelines.Embed.Files;

/// <summary>Texts of an Arrow IPC file with the columns id (text or whole numbers) and text; one record batch is held at a time.</summary>
internal static class ArrowTexts
{
    public static IEnumerable<TextEntry> Read(string path)
    {
        using var file = File.OpenRead(path);
        using var reader = Readable(path, () => new ArrowFileReader(file, leaveOpen: true));
        var row = 0L;
        while (Readable(path, () => reader.ReadNextRecordBatch()) is { } batch)
        {
            using (batch)
            {
                var (ids, texts) = Readable(path, () => (Column(path, batch, "id"), Column(path, batch, "text")));
                for (var at = 0; at < batch.Length; at++)
                {
                    row++;
                    var (id, text) = Readable(path, () => (ids(at), texts(at)));
                    if (string.IsNullOrEmpty(id)) throw new RefusedException($"{path}, row {row}: the id is missing or empty");
                    yield return new TextEntry(id, text ?? throw new RefusedException($"{path}, row {row}: the text is missing"));
                }
            }
        }
    }

    private static Func<int, string?> Column(string path, RecordBatch batch, string name)
    {
        var index = batch.Schema.GetFieldIndex(name);
        if (index < 0) throw new RefusedException($"{path} has no column '{name}'; it has {string.Join(", ", batch.Schema.FieldsList.Select(field => field.Name))}");
        return batch.Column(index) switch
        {
            StringArray texts => row => texts.GetString(row),
            LargeStringArray texts => row => texts.GetString(row),
            StringViewArray texts => row => texts.GetString(row),
            Int32Array numbers when name == "id" => row => numbers.GetValue(row)?.ToString(CultureInfo.InvariantCulture),
            Int64Array numbers when name == "id" => row => numbers.GetValue(row)?.ToString(CultureInfo.InvariantCulture),
            var other => throw new RefusedException($"{path}: column '{name}' is of type {other.Data.DataType.Name}; it must hold text"),
        };
    }

    // A damaged file shows itself by whatever the reader runs into.
    private static T Readable<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception broken) when (broken is not (RefusedException or OutOfMemoryException))
        {
            throw new RefusedException($"cannot read {path} as an Arrow IPC file without compression: {broken.Message.ReplaceLineEndings(" ")}; write it again", broken);
        }
    }
}
