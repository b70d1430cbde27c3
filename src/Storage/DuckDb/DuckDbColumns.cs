using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
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

    /// <summary>Of a longer one the first bytes lie there too, before its address.</summary>
    private const int PrefixBytes = 4;

    private static readonly int Capacity = (int)NativeMethods.Helpers.DuckDBVectorSize();

    private readonly string _table;
    private readonly TextArena _texts;
    private readonly DuckDBAppender _appender;
    private readonly DuckDBDataChunk _chunk;
    private readonly DuckDBType[] _types;
    private readonly IntPtr[] _vectors;
    private readonly IntPtr[] _data;
    private readonly ulong*[] _validity;

    // Of each column the text that was written last into the rows not handed over yet, and in which row.
    private readonly (string? Text, int Row)[] _lastTexts;
    private int _row;
    private int _column;

    /// <param name="connection">Open.</param>
    /// <param name="table">In the main schema; its columns are date, timestamp, text, smallint, integer, bigint or double.</param>
    /// <param name="texts">Empty, and this writer's until it is disposed of.</param>
    public DuckDbColumns(DuckDBConnection connection, string table, TextArena texts)
    {
        (_table, _texts) = (table, texts);
        if (NativeMethods.Appender.DuckDBAppenderCreate(connection.NativeConnection, null!, table, out _appender) == DuckDBState.Error) throw Failed("opening it");
        var columns = (int)NativeMethods.Appender.DuckDBAppenderColumnCount(_appender);
        var types = new DuckDBLogicalType[columns];
        for (var i = 0; i < columns; i++) types[i] = NativeMethods.Appender.DuckDBAppenderColumnType(_appender, (ulong)i);
        _types = [.. types.Select(NativeMethods.LogicalType.DuckDBGetTypeId)];
        _chunk = NativeMethods.DataChunks.DuckDBCreateDataChunk([.. types.Select(type => type.DangerousGetHandle())], (ulong)columns);
        foreach (var type in types) type.Dispose();
        (_vectors, _data, _validity, _lastTexts) = (new IntPtr[columns], new IntPtr[columns], new ulong*[columns], new (string?, int)[columns]);
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
        var place = (TextPlace*)_data[column] + _row;
        // The rows of an impression name it ten times over: the same string has the same place.
        ref var last = ref _lastTexts[column];
        if (ReferenceEquals(last.Text, value))
        {
            *place = ((TextPlace*)_data[column])[last.Row];
            return;
        }
        last = (value, _row);
        var text = _texts.Add(value, out var length);
        *place = default; // the unused bytes take part in comparisons
        place->Length = length;
        Unsafe.CopyBlockUnaligned(place->Inline, text, (uint)Math.Min(length, length > Inlined ? PrefixBytes : Inlined));
        if (length > Inlined) place->Text = text;
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
        _texts.Clear();
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
        Array.Clear(_lastTexts);
        _texts.Clear();
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

    /// <summary>The place of a text in a vector: <c>duckdb_string_t</c> of the engine's C interface.</summary>
    [StructLayout(LayoutKind.Explicit, Size = sizeof(int) + Inlined)]
    private struct TextPlace
    {
        [FieldOffset(0)]
        public int Length;

        [FieldOffset(sizeof(int))]
        public fixed byte Inline[Inlined];

        [FieldOffset(sizeof(int) + PrefixBytes)]
        public byte* Text;
    }
}
