using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using Recs.Domain;

namespace Recs.Pipelines.Datasets;

/// <summary>Text files whose first row names the columns; read by name, so that their order and further columns do not matter.</summary>
internal static class NamedRows
{
    /// <summary>Rows of a file, each turned into <typeparamref name="T"/>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="separator">Between columns.</param>
    /// <param name="columns">The columns that are read.</param>
    /// <param name="read">Turns one row into a value.</param>
    /// <exception cref="RefusedException">A column is missing or named twice, a value is not what it should be, or there are no rows.</exception>
    public static List<T> Read<T>(string path, char separator, IReadOnlyList<string> columns, Func<NamedRow, T> read)
    {
        if (!File.Exists(path)) throw new RefusedException($"{path} is not there; check the data folder");
        List<T> rows = [];
        using var stream = new StreamReader(path, Encoding.UTF8);
        using var parser = new CsvParser(stream, new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = separator.ToString(),
            Mode = separator == ',' ? CsvMode.RFC4180 : CsvMode.NoEscape,
        });
        try
        {
            if (!parser.Read()) throw new RefusedException($"{path} is empty; its first row must name the columns {string.Join(", ", columns)}");
            var header = parser.Record!;
            var places = new Dictionary<string, int>(StringComparer.Ordinal);
            foreach (var column in columns)
            {
                var at = Array.IndexOf(header, column);
                if (at < 0) throw new RefusedException($"{path} has no column '{column}'; its first row names {Shortened(header)}");
                if (Array.LastIndexOf(header, column) != at) throw new RefusedException($"{path} names the column '{column}' twice");
                places[column] = at;
            }
            while (parser.Read())
            {
                if (parser.Count != header.Length) throw new RefusedException($"{path}, line {parser.RawRow}: {parser.Count} columns, the first row names {header.Length}");
                rows.Add(read(new NamedRow(parser.Record!, places)));
            }
        }
        catch (Exception wrong) when (wrong is FormatException or CsvHelperException)
        {
            throw new RefusedException($"{path}, line {parser.RawRow}: {wrong.Message.Split('\n')[0]}", wrong);
        }
        return rows.Count > 0 ? rows : throw new RefusedException($"{path} holds no rows");
    }

    private static string Shortened(string[] header) => string.Join(", ", header.Take(12)) + (header.Length > 12 ? $" and {header.Length - 12} more" : "");
}

/// <summary>One row; a value that is not what it should be is a <see cref="FormatException"/> that names its column.</summary>
internal readonly struct NamedRow(string[] values, Dictionary<string, int> places)
{
    public string Text(string column) => values[places[column]];

    public int Whole(string column, int least, int most) => int.TryParse(Text(column), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
        ? value
        : throw new FormatException($"{column} is '{Text(column)}', expected a whole number from {least} to {most}");

    public double Number(string column, double least, double most) => double.TryParse(Text(column), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
        ? value
        : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"{column} is '{Text(column)}', expected a number from {least} to {most}"));
}
