using System.Collections;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Recs.Ranker.Training;

/// <summary>
/// A span of rows as ML.NET reads them: one row object for each cursor, filled anew at every step. With <paramref name="fields"/> the numbers stand
/// in several columns instead of one, so many to each, in order; <paramref name="byList"/> puts the rows of a list together, lists in the order of their numbers.
/// </summary>
internal sealed class RowView(LabelledRows set, int first, int count, int[]? columns, IReadOnlyList<int>? fields = null, bool byList = false) : IEnumerable<RowView.Row>
{
    private readonly int[]? _order = byList && set.Lists is { } lists ? [.. Enumerable.Range(first, count).OrderBy(row => lists[row])] : null;

    /// <summary>Fields that a row has room for.</summary>
    public const int MostFields = 8;

    public int Width => columns?.Length ?? set.Width;

    /// <summary>What the names of the fields' columns begin with.</summary>
    public const string FieldPrefix = "Field";

    /// <summary>The column of a field.</summary>
    public static string FieldName(int field) => FieldPrefix + field.ToString(System.Globalization.CultureInfo.InvariantCulture);

    public IDataView Load(MLContext context)
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        if (fields is null) schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, Width);
        else schema.Remove(schema[nameof(Row.Features)]);
        // Only the columns that are used: the schema goes into the model's file.
        for (var field = 0; field < MostFields; field++)
            if (field < (fields?.Count ?? 0)) schema[FieldName(field)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, fields![field]);
            else schema.Remove(schema[FieldName(field)]);
        return context.Data.LoadFromEnumerable(this, schema);
    }

    public IEnumerator<Row> GetEnumerator()
    {
        var row = new Row();
        if (fields is null) row.Features = new float[Width];
        else row.TakeFields([.. Enumerable.Range(0, MostFields).Select(field => new float[field < fields.Count ? fields[field] : 0])]);
        var selected = new float[Width];
        for (var at = 0; at < count; at++)
        {
            var i = _order is null ? first + at : _order[at];
            var full = set.Row(i);
            if (columns is null) full.CopyTo(selected);
            else Select(full, selected);
            if (fields is null) selected.CopyTo(row.Features, 0);
            else Spread(selected, row);
            row.Label = set.Labels[i];
            row.Weight = set.Weights?[i] ?? 1;
            row.Amount = set.Amounts?[i] ?? (set.Labels[i] ? 1 : 0);
            row.List = set.Lists is { } lists ? (uint)lists[i] + 1 : 0;
            yield return row;
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private void Select(ReadOnlySpan<float> full, float[] selected)
    {
        for (var i = 0; i < selected.Length; i++) selected[i] = full[columns![i]];
    }

    private void Spread(float[] selected, Row row)
    {
        var at = 0;
        var arrays = row.FieldArrays();
        for (var field = 0; field < fields!.Count; field++)
        {
            Array.Copy(selected, at, arrays[field], 0, fields[field]);
            at += fields[field];
        }
    }

    public sealed class Row
    {
        public bool Label { get; set; }
        public float[] Features { get; set; } = [];
        public float Weight { get; set; }
        public float Amount { get; set; }

        [KeyType(uint.MaxValue)]
        public uint List { get; set; }

        public float[] Field0 { get; set; } = [];
        public float[] Field1 { get; set; } = [];
        public float[] Field2 { get; set; } = [];
        public float[] Field3 { get; set; } = [];
        public float[] Field4 { get; set; } = [];
        public float[] Field5 { get; set; } = [];
        public float[] Field6 { get; set; } = [];
        public float[] Field7 { get; set; } = [];

        internal float[][] FieldArrays() => [Field0, Field1, Field2, Field3, Field4, Field5, Field6, Field7];

        internal void TakeFields(float[][] arrays) =>
            (Field0, Field1, Field2, Field3, Field4, Field5, Field6, Field7) = (arrays[0], arrays[1], arrays[2], arrays[3], arrays[4], arrays[5], arrays[6], arrays[7]);
    }
}
