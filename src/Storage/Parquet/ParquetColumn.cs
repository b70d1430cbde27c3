namespace Recs.Storage.Parquet;

/// <summary>A column of a Parquet file.</summary>
/// <param name="Name">Its name, unique in the file.</param>
/// <param name="Type">The type of its values here.</param>
public readonly record struct ParquetColumn(string Name, ParquetType Type);

/// <summary>The types that jobs read and write. Other types of a file are read as the nearest of them, or as text.</summary>
public enum ParquetType
{
    /// <summary>UTF-8 text.</summary>
    Text,
    /// <summary>32-bit float.</summary>
    Float,
    /// <summary>64-bit float.</summary>
    Double,
    /// <summary>32-bit integer.</summary>
    Int,
    /// <summary>64-bit integer.</summary>
    Long,
    /// <summary>Moment in UTC; parts of a millisecond are cut off.</summary>
    Timestamp,
    /// <summary>True or false.</summary>
    Bool,
    /// <summary>A list of 32-bit floats.</summary>
    Vector,
    /// <summary>A UTC day; written only: a file's days are read as moments.</summary>
    Date,
}

internal static class ParquetTypes
{
    public static string Sql(this ParquetType type) => type switch
    {
        ParquetType.Text => "varchar",
        ParquetType.Float => "float",
        ParquetType.Double => "double",
        ParquetType.Int => "integer",
        ParquetType.Long => "bigint",
        ParquetType.Timestamp => "timestamp",
        ParquetType.Vector => "float[]",
        ParquetType.Date => "date",
        _ => "boolean",
    };

    public static ParquetType Nearest(string sqlType) => sqlType switch
    {
        "FLOAT" => ParquetType.Float,
        "DOUBLE" or "HUGEINT" or "UHUGEINT" or "UBIGINT" => ParquetType.Double,
        "TINYINT" or "SMALLINT" or "INTEGER" or "UTINYINT" or "USMALLINT" => ParquetType.Int,
        "BIGINT" or "UINTEGER" => ParquetType.Long,
        "BOOLEAN" => ParquetType.Bool,
        "FLOAT[]" => ParquetType.Vector,
        _ when sqlType.StartsWith("TIMESTAMP", StringComparison.Ordinal) || sqlType == "DATE" => ParquetType.Timestamp,
        _ when sqlType.StartsWith("DECIMAL", StringComparison.Ordinal) => ParquetType.Double,
        _ => ParquetType.Text,
    };

    /// <summary>A name inside SQL, whatever signs it has.</summary>
    public static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>The end of a <c>copy … to</c> that keeps <paramref name="metadata"/> in the file.</summary>
    public static string CopyOptions(IReadOnlyDictionary<string, string> metadata, string more = "")
    {
        var pairs = string.Join(", ", metadata.Select(pair => $"{Quoted(pair.Key)}: {Literal(pair.Value)}"));
        return $"(format parquet, compression zstd{more}{(pairs.Length == 0 ? "" : $", kv_metadata {{{pairs}}}")})";
    }

    /// <summary>Text inside SQL where no parameter may stand.</summary>
    public static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
