using DuckDB.NET.Data;
using Recs.Domain;
using Recs.Storage.Sql;

namespace Recs.Storage.DuckDb;

/// <summary>
/// DuckDB's appender. It flushes in chunks within the connection's transaction, so rolling that back drops its rows;
/// closing is part of <see cref="Complete"/>.
/// </summary>
internal sealed class DuckDbBulkWriter(DuckDBAppender appender) : BulkWriter
{
    private IDuckDBAppenderRow? _row;

    private IDuckDBAppenderRow Row => _row ?? throw new InvalidOperationException("no row was started");

    public override void StartRow() => _row = appender.CreateRow();
    public override void EndRow() => Row.EndRow();
    public override void Text(string? value) => Row.AppendValue(value);
    public override void Small(short? value) => Row.AppendValue(value);
    public override void Integer(int value) => Row.AppendValue(value);
    public override void Long(long? value) => Row.AppendValue(value);
    public override void Real(float value) => Row.AppendValue(value);
    public override void Double(double? value) => Row.AppendValue(value);
    public override void Day(DateOnly value) => Row.AppendValue(value);
    public override void Time(Timestamp value) => Row.AppendValue(SqlTime.Of(value));
    public override void Bytes(byte[] value) => Row.AppendValue(value);
    public override void Vector(float[] value) => Row.AppendValue(value);
    public override void Complete() => appender.Close();
    public override void Dispose() => appender.Dispose();
}
