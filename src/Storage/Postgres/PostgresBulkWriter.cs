using Npgsql;
using NpgsqlTypes;
using Recs.Domain;
using Recs.Storage.Sql;

namespace Recs.Storage.Postgres;

/// <summary>PostgreSQL's binary COPY. Every value names its type: the wire carries no other hint.</summary>
internal sealed class PostgresBulkWriter(NpgsqlBinaryImporter importer) : BulkWriter
{
    public override void StartRow() => importer.StartRow();
    public override void EndRow() { }

    public override void Text(string? value)
    {
        if (value is null) importer.WriteNull();
        else importer.Write(value, NpgsqlDbType.Text);
    }

    public override void Small(short? value)
    {
        if (value is null) importer.WriteNull();
        else importer.Write(value.Value, NpgsqlDbType.Smallint);
    }

    public override void Integer(int value) => importer.Write(value, NpgsqlDbType.Integer);

    public override void Long(long? value)
    {
        if (value is null) importer.WriteNull();
        else importer.Write(value.Value, NpgsqlDbType.Bigint);
    }

    public override void Real(float value) => importer.Write(value, NpgsqlDbType.Real);

    public override void Double(double? value)
    {
        if (value is null) importer.WriteNull();
        else importer.Write(value.Value, NpgsqlDbType.Double);
    }

    public override void Day(DateOnly value) => importer.Write(value, NpgsqlDbType.Date);
    public override void Time(Timestamp value) => importer.Write(SqlTime.Of(value), NpgsqlDbType.Timestamp);
    public override void Bytes(byte[] value) => importer.Write(value, NpgsqlDbType.Bytea);
    public override void Vector(float[] value) => importer.Write(value, NpgsqlDbType.Array | NpgsqlDbType.Real);
    public override void Complete() => importer.Complete();
    public override void Dispose() => importer.Dispose();
}
