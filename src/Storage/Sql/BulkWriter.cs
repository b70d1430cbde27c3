using Recs.Domain;

namespace Recs.Storage.Sql;

/// <summary>
/// Rows into one table by the engine's fast path (DuckDB's appender, PostgreSQL's binary COPY), so that each kind of
/// row is spelled once. Values come in column order; <see cref="Complete"/> ends the load, disposing without it drops it.
/// </summary>
internal abstract class BulkWriter : IDisposable
{
    public abstract void StartRow();
    public abstract void EndRow();
    public abstract void Text(string? value);
    public abstract void Small(short? value);
    public abstract void Integer(int value);
    public abstract void Long(long? value);
    public abstract void Real(float value);
    public abstract void Double(double? value);
    public abstract void Day(DateOnly value);
    public abstract void Time(Timestamp value);
    public abstract void Bytes(byte[] value);
    public abstract void Vector(float[] value);
    public abstract void Complete();
    public abstract void Dispose();
}
