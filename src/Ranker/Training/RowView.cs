using System.Collections;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Recs.Ranker.Training;

/// <summary>A span of a <see cref="TrainingSet"/> as ML.NET reads it: one row object for each cursor, filled anew at every step.</summary>
internal sealed class RowView(TrainingSet set, int first, int count, int[]? columns) : IEnumerable<RowView.Row>
{
    public int Width => columns?.Length ?? set.Width;

    public IDataView Load(MLContext context)
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, Width);
        return context.Data.LoadFromEnumerable(this, schema);
    }

    public IEnumerator<Row> GetEnumerator()
    {
        var row = new Row { Features = new float[Width] };
        for (var i = first; i < first + count; i++)
        {
            var full = set.Row(i);
            if (columns is null) full.CopyTo(row.Features);
            else Select(full, row.Features);
            row.Label = set.Labels[i];
            yield return row;
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private void Select(ReadOnlySpan<float> full, float[] selected)
    {
        for (var i = 0; i < selected.Length; i++) selected[i] = full[columns![i]];
    }

    public sealed class Row
    {
        public bool Label { get; set; }
        public float[] Features { get; set; } = [];
    }
}
