using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using DuckDB.NET.Data;
using DuckDB.NET.Native;
using Recs.Domain;
using Recs.Storage.Sql;
using DuckDBAppender = DuckDB.NET.Native.DuckDBAppender;

namespace Recs.Storage.DuckDb;

/// <summary>
/// Rows into a table by whole columns: values go straight into the engine's vectors, 2,048 rows at a time, where <see cref="DuckDbBulkWriter"/> asks
/// for each value which column and kind it is. For the tables of facts, which get millions of rows and hold plain types only.
/// It writes within the connection's transaction; rolling that back drops its rows. One thread.
/// </summary>
internal sealed unsafe class DuckDbColumns : BulkWriter
{
    /// <summary>Bytes of a text that lie in its 16-byte place; a longer one lies elsewhere.</summary>
    private const int Inlined = 12;

    private static readonly int Capacity = (int)NativeMethods.Helpers.DuckDBVectorSize();

    private readonly string _table;
    private readonly DuckDBAppender _appender;
    private readonly DuckDBDataChunk _chunk;
    private readonly DuckDBType[] _types;
    private readonly IntPtr[] _vectors;
    private readonly IntPtr[] _data;
    private readonly ulong*[] _validity;
    private byte[] _text = new byte[1_024];
    private int _row;
    private int _column;

    /// <param name="connection">Open.</param>
    /// <param name="table">In the main schema; its columns are date, timestamp, text, smallint, integer, bigint or double.</param>
    public DuckDbColumns(DuckDBConnection connection, string table)
    {
        _table = table;
        if (NativeMethods.Appender.DuckDBAppenderCreate(connection.NativeConnection, null!, table, out _appender) == DuckDBState.Error) throw Failed("opening it");
        var columns = (int)NativeMethods.Appender.DuckDBAppenderColumnCount(_appender);
        var types = new DuckDBLogicalType[columns];
        for (var i = 0; i < columns; i++) types[i] = NativeMethods.Appender.DuckDBAppenderColumnType(_appender, (ulong)i);
        _types = [.. types.Select(NativeMethods.LogicalType.DuckDBGetTypeId)];
        _chunk = NativeMethods.DataChunks.DuckDBCreateDataChunk([.. types.Select(type => type.DangerousGetHandle())], (ulong)columns);
        foreach (var type in types) type.Dispose();
        (_vectors, _data, _validity) = (new IntPtr[columns], new IntPtr[columns], new ulong*[columns]);
        Locate();
    }

    public override void StartRow() => _column = 0;

    public override void EndRow()
    {
        if (_column != _types.Length) throw new InvalidOperationException($"a row of {_table} got {_column} values, it has {_types.Length} columns");
        if (++_row == Capacity) Append();
    }

    public override void Text(string? value)
    {
        var column = Next(DuckDBType.Varchar, value is null);
        if (value is null) return;
        var most = Encoding.UTF8.GetMaxByteCount(value.Length);
        if (most > _text.Length) _text = new byte[most];
        var length = Encoding.UTF8.GetBytes(value, _text);
        if (length > Inlined)
        {
            fixed (byte* text = _text) NativeMethods.Vectors.DuckDBUnsafeVectorAssignStringElementLength(_vectors[column], (ulong)_row, text, length);
            return;
        }
        var place = new Span<byte>((byte*)_data[column] + _row * (sizeof(int) + Inlined), sizeof(int) + Inlined);
        place.Clear(); // the unused bytes take part in comparisons
        MemoryMarshal.Write(place, length);
        _text.AsSpan(0, length).CopyTo(place[sizeof(int)..]);
    }

    public override void Small(short? value) => Write(DuckDBType.SmallInt, value);

    public override void Integer(int value) => Write<int>(DuckDBType.Integer, value);

    public override void Long(long? value) => Write(DuckDBType.BigInt, value);

    public override void Double(double? value) => Write(DuckDBType.Double, value);

    public override void Day(DateOnly value) => Write<int>(DuckDBType.Date, value.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber);

    public override void Time(Timestamp value)
    {
        SqlTime.Of(value); // refuses what a column cannot be read back from
        Write<long>(DuckDBType.Timestamp, value.Milliseconds * 1_000);
    }

    public override void Real(float value) => throw NotHere("float");

    public override void Bytes(byte[] value) => throw NotHere("blob");

    public override void Vector(float[] value) => throw NotHere("list");

    public override void Complete()
    {
        Append();
        if (NativeMethods.Appender.DuckDBAppenderClose(_appender) == DuckDBState.Error) throw Failed("the last rows");
    }

    public override void Dispose()
    {
        _chunk.Dispose();
        _appender.Dispose();
    }

    private void Write<T>(DuckDBType type, T? value) where T : unmanaged
    {
        var column = Next(type, value is null);
        Unsafe.Add(ref Unsafe.AsRef<T>((void*)_data[column]), _row) = value.GetValueOrDefault();
    }

    private int Next(DuckDBType type, bool isNull)
    {
        var column = _column++;
        if (_types[column] != type) throw new InvalidOperationException($"column {column} of {_table} is {_types[column]}, got {type}");
        if (isNull) MarkMissing(column);
        return column;
    }

    /// <summary>All values are there until one is said not to be.</summary>
    private void MarkMissing(int column)
    {
        if (_validity[column] is null)
        {
            NativeMethods.Vectors.DuckDBVectorEnsureValidityWritable(_vectors[column]);
            _validity[column] = NativeMethods.Vectors.DuckDBVectorGetValidity(_vectors[column]);
        }
        _validity[column][_row >> 6] &= ~(1UL << (_row & 63));
    }

    private void Append()
    {
        if (_row == 0) return;
        NativeMethods.DataChunks.DuckDBDataChunkSetSize(_chunk, (ulong)_row);
        if (NativeMethods.Appender.DuckDBAppendDataChunk(_appender, _chunk) == DuckDBState.Error) throw Failed($"{_row} rows");
        NativeMethods.DataChunks.DuckDBDataChunkReset(_chunk);
        Locate();
        _row = 0;
    }

    private void Locate()
    {
        for (var i = 0; i < _types.Length; i++)
        {
            _vectors[i] = NativeMethods.DataChunks.DuckDBDataChunkGetVector(_chunk, i);
            _data[i] = (IntPtr)NativeMethods.Vectors.DuckDBVectorGetData(_vectors[i]);
            _validity[i] = null;
        }
    }

    private IOException Failed(string what)
    {
        using var error = NativeMethods.Appender.DuckDBAppenderErrorData(_appender);
        return new IOException($"DuckDB, table {_table}, {what}: {error.Message}");
    }

    private NotSupportedException NotHere(string type) => new($"{_table}: a {type} column is written by {nameof(DuckDbBulkWriter)}");
}
