using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using Recs.Domain;

namespace Recs.Pipelines.Datasets;

/// <summary>Text files of columns, read row by row; whatever is wrong is refused with the file and the row.</summary>
internal static class Delimited
{
    /// <summary>Rows of a file, each turned into <typeparamref name="T"/>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="separator">Between columns.</param>
    /// <param name="header">Whether the first row names the columns.</param>
    /// <param name="columns">The least number of columns.</param>
    /// <param name="encoding">Of the text.</param>
    /// <param name="read">Turns one row's columns into a value; a <see cref="FormatException"/> of its is refused with the row's number.</param>
    public static List<T> Read<T>(string path, char separator, bool header, int columns, Encoding encoding, Func<string[], T> read)
    {
        if (!File.Exists(path))
            throw new RefusedException($"{path} is not there; the data folder must hold {Path.GetFileName(path)}");
        List<T> rows = [];
        using var stream = new StreamReader(path, encoding);
        using var parser = new CsvParser(stream, new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = separator.ToString(),
            // Only comma-separated files quote; elsewhere a quote is a letter like any other.
            Mode = separator == ',' ? CsvMode.RFC4180 : CsvMode.NoEscape,
        });
        try
        {
            if (header) parser.Read();
            while (parser.Read())
            {
                var row = parser.Record!;
                if (row.Length < columns) throw new RefusedException($"{path}, line {parser.RawRow}: {row.Length} columns, expected at least {columns}");
                rows.Add(read(row));
            }
        }
        catch (Exception wrong) when (wrong is FormatException or OverflowException or ArgumentException or CsvHelperException)
        {
            throw new RefusedException($"{path}, line {parser.RawRow}: {wrong.Message.Split('\n')[0]}", wrong);
        }
        return rows.Count > 0 ? rows : throw new RefusedException($"{path} holds no rows");
    }
}
