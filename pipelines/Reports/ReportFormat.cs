using System.Globalization;
using System.Text;
using System.Text.Json;
using CsvHelper;
using Recs.Domain;
using Table = Recs.Storage.Reports.Table;

namespace Recs.Pipelines.Reports;

/// <summary>A report's answer for programs.</summary>
internal static class ReportFormat
{
    /// <summary>RFC 4180, a header line first; numbers whole, missing values empty.</summary>
    public static string Csv(Table table)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        using (var csv = new CsvWriter(text, new CsvHelper.Configuration.CsvConfiguration(CultureInfo.InvariantCulture) { NewLine = "\n" }))
        {
            foreach (var row in table.Rows.Select(row => row.Select(CommandLine.CellText.Whole)).Prepend(table.Columns))
            {
                foreach (var cell in row) csv.WriteField(cell);
                csv.NextRecord();
            }
        }
        return text.ToString();
    }

    /// <summary>One object: the report's name and its rows as objects by column.</summary>
    public static string Json(string report, Table table)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("report", report);
            json.WriteStartArray("rows");
            foreach (var row in table.Rows)
            {
                json.WriteStartObject();
                for (var column = 0; column < table.Columns.Count; column++) Write(json, table.Columns[column], row[column]);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.ToArray()) + "\n";
    }

    private static void Write(Utf8JsonWriter json, string name, object? value)
    {
        switch (value)
        {
            case null: json.WriteNull(name); break;
            case long number: json.WriteNumber(name, number); break;
            case double number when double.IsFinite(number): json.WriteNumber(name, number); break;
            case double: json.WriteNull(name); break; // JSON has no NaN and no infinity
            case bool yes: json.WriteBoolean(name, yes); break;
            case string or DateOnly or Timestamp: json.WriteString(name, CommandLine.CellText.Whole(value)); break;
            default: throw new InvalidOperationException($"column {name} holds a {value.GetType().Name}, which is none of a table's types");
        }
    }
}
