using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using Recs.Domain;
using Recs.Pipelines.CommandLine;
using Recs.Storage.Reports;

namespace Recs.Pipelines.Export;

/// <summary>Rows as an Arrow IPC file, in record batches of bounded size.</summary>
internal static class ArrowTable
{
    private const int BatchRows = 1 << 16;

    /// <summary>Writes the file whole or not at all.</summary>
    public static void Write(FileInfo file, string name, IReadOnlyList<TableColumn> columns, IEnumerable<object?[]> rows)
    {
        using var result = new PartialFile(file);
        var schema = new Schema(columns.Select(column => new Field(column.Name, TypeOf(column.Type), nullable: true)), new Dictionary<string, string> { ["recs.table"] = name });
        using (var writer = new ArrowFileWriter(result.Stream, schema, leaveOpen: true))
        {
            writer.WriteStart();
            foreach (var batch in Batches(schema, columns, rows))
            {
                using (batch) writer.WriteRecordBatch(batch);
            }
            writer.WriteEnd();
        }
        result.Keep();
    }

    private static IEnumerable<RecordBatch> Batches(Schema schema, IReadOnlyList<TableColumn> columns, IEnumerable<object?[]> rows)
    {
        var builders = columns.Select(column => ColumnOf(column.Type)).ToList();
        var count = 0;
        foreach (var row in rows)
        {
            for (var column = 0; column < row.Length; column++) builders[column].Add(row[column]);
            if (++count < BatchRows) continue;
            yield return new RecordBatch(schema, builders.Select(builder => builder.Build()), count);
            (builders, count) = ([.. columns.Select(column => ColumnOf(column.Type))], 0);
        }
        if (count > 0) yield return new RecordBatch(schema, builders.Select(builder => builder.Build()), count);
    }

    private static IArrowType TypeOf(TableType type) => type switch
    {
        TableType.Whole => Int64Type.Default,
        TableType.Number => DoubleType.Default,
        TableType.Truth => BooleanType.Default,
        TableType.Day => Date32Type.Default,
        TableType.Moment => new TimestampType(TimeUnit.Millisecond, "UTC"),
        _ => StringType.Default,
    };

    private static (Action<object?> Add, Func<IArrowArray> Build) ColumnOf(TableType type)
    {
        switch (type)
        {
            case TableType.Whole:
                var whole = new Int64Array.Builder();
                return (value => whole.Append((long?)value), () => whole.Build());
            case TableType.Number:
                var number = new DoubleArray.Builder();
                return (value => number.Append((double?)value), () => number.Build());
            case TableType.Truth:
                var truth = new BooleanArray.Builder();
                return (value =>
                {
                    if (value is bool yes) truth.Append(yes);
                    else truth.AppendNull();
                }, () => truth.Build());
            case TableType.Day:
                var day = new Date32Array.Builder();
                return (value =>
                {
                    if (value is DateOnly known) day.Append(known.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc));
                    else day.AppendNull();
                }, () => day.Build());
            case TableType.Moment:
                var moment = new TimestampArray.Builder(new TimestampType(TimeUnit.Millisecond, "UTC"));
                return (value =>
                {
                    if (value is Timestamp known) moment.Append(known.ToDateTimeOffset());
                    else moment.AppendNull();
                }, () => moment.Build());
            default:
                var text = new StringArray.Builder();
                return (value =>
                {
                    if (value is string known) text.Append(known);
                    else text.AppendNull();
                }, () => text.Build());
        }
    }
}
