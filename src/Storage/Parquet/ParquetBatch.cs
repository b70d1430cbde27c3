using System.Data.Common;
using Recs.Domain;
using Recs.Storage.Sql;

namespace Recs.Storage.Parquet;

/// <summary>
/// Some rows of a Parquet file, by column. Where a value is missing a span holds zero (NaN for floats) and
/// <see cref="IsNull"/> says so. Columns are numbered as they were asked for; asking for another type than was asked for is an <see cref="InvalidCastException"/>.
/// </summary>
public sealed class ParquetBatch
{
    /// <summary>The most rows of a batch.</summary>
    public const int Capacity = 8_192;

    private readonly ParquetType[] _types;
    private readonly Array[] _values;
    private readonly bool[][] _nulls;

    internal ParquetBatch(IReadOnlyList<ParquetColumn> columns)
    {
        _types = [.. columns.Select(column => column.Type)];
        _nulls = [.. columns.Select(_ => new bool[Capacity])];
        _values = [.. _types.Select(Values)];
    }

    /// <summary>Rows in this batch.</summary>
    public int Count { get; private set; }

    /// <summary>The texts of a column; null where missing.</summary>
    public ReadOnlySpan<string?> Texts(int column) => ((string?[])_values[column]).AsSpan(0, Count);

    /// <summary>The values of a <see cref="ParquetType.Float"/> column.</summary>
    public ReadOnlySpan<float> Floats(int column) => ((float[])_values[column]).AsSpan(0, Count);

    /// <summary>The values of a <see cref="ParquetType.Double"/> column.</summary>
    public ReadOnlySpan<double> Doubles(int column) => ((double[])_values[column]).AsSpan(0, Count);

    /// <summary>The values of an <see cref="ParquetType.Int"/> column.</summary>
    public ReadOnlySpan<int> Ints(int column) => ((int[])_values[column]).AsSpan(0, Count);

    /// <summary>The values of a <see cref="ParquetType.Long"/> column.</summary>
    public ReadOnlySpan<long> Longs(int column) => ((long[])_values[column]).AsSpan(0, Count);

    /// <summary>The values of a <see cref="ParquetType.Timestamp"/> column.</summary>
    public ReadOnlySpan<Timestamp> Times(int column) => ((Timestamp[])_values[column]).AsSpan(0, Count);

    /// <summary>The values of a <see cref="ParquetType.Bool"/> column.</summary>
    public ReadOnlySpan<bool> Bools(int column) => ((bool[])_values[column]).AsSpan(0, Count);

    /// <summary>The values of a <see cref="ParquetType.Vector"/> column; null where missing.</summary>
    public ReadOnlySpan<float[]?> Vectors(int column) => ((float[]?[])_values[column]).AsSpan(0, Count);

    /// <summary>Whether the value is missing.</summary>
    /// <param name="column">The column's number.</param>
    /// <param name="row">From 0, below <see cref="Count"/>.</param>
    public bool IsNull(int column, int row) => _nulls[column][row];

    /// <summary>Takes the next rows; false at the end.</summary>
    internal bool Fill(DbDataReader rows)
    {
        var taken = 0;
        while (taken < Capacity && rows.Read())
        {
            for (var column = 0; column < _types.Length; column++) Take(rows, column, taken);
            taken++;
        }
        if (taken == 0) return false; // the last batch stays as it is
        Count = taken;
        return true;
    }

    private void Take(DbDataReader rows, int column, int row)
    {
        var missing = rows.IsDBNull(column);
        _nulls[column][row] = missing;
        switch (_types[column])
        {
            case ParquetType.Text:
                ((string?[])_values[column])[row] = missing ? null : rows.GetString(column);
                break;
            case ParquetType.Float:
                ((float[])_values[column])[row] = missing ? float.NaN : rows.GetFloat(column);
                break;
            case ParquetType.Double:
                ((double[])_values[column])[row] = missing ? double.NaN : rows.GetDouble(column);
                break;
            case ParquetType.Int:
                ((int[])_values[column])[row] = missing ? 0 : rows.GetInt32(column);
                break;
            case ParquetType.Long:
                ((long[])_values[column])[row] = missing ? 0 : rows.GetInt64(column);
                break;
            case ParquetType.Timestamp:
                ((Timestamp[])_values[column])[row] = missing ? default : SqlTime.From(rows.GetDateTime(column));
                break;
            case ParquetType.Vector:
                ((float[]?[])_values[column])[row] = missing ? null : [.. rows.GetFieldValue<List<float>>(column)];
                break;
            default:
                ((bool[])_values[column])[row] = !missing && rows.GetBoolean(column);
                break;
        }
    }

    private static Array Values(ParquetType type) => type switch
    {
        ParquetType.Text => new string?[Capacity],
        ParquetType.Float => new float[Capacity],
        ParquetType.Double => new double[Capacity],
        ParquetType.Int => new int[Capacity],
        ParquetType.Long => new long[Capacity],
        ParquetType.Timestamp => new Timestamp[Capacity],
        ParquetType.Vector => new float[]?[Capacity],
        _ => new bool[Capacity],
    };
}
