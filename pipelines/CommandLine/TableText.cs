using System.Text;
using Spectre.Console;
using Table = Recs.Storage.Reports.Table;

namespace Recs.Pipelines.CommandLine;

/// <summary>A table for a person: framed on a terminal; elsewhere columns of plain text, whole values, nothing cut.</summary>
internal static class TableText
{
    public static void Show(Table table, IAnsiConsole console)
    {
        if (Terminal.IsOne(console)) console.Write(Framed(table));
        else console.Profile.Out.Writer.Write(Aligned(table));
    }

    /// <summary>A header line and one line a row, two blanks between columns.</summary>
    public static string Aligned(Table table)
    {
        var cells = table.Rows.Select(row => row.Select(value => OneLine(CellText.Whole(value))).ToArray()).ToList();
        var right = RightAligned(table);
        var widths = table.Columns.Select((name, column) => Math.Max(name.Length, cells.Select(row => row[column].Length).DefaultIfEmpty(0).Max())).ToArray();
        var text = new StringBuilder();
        foreach (var row in cells.Prepend([.. table.Columns]))
        {
            var line = string.Join("  ", row.Select((cell, column) => right[column] ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column])));
            text.Append(line.TrimEnd()).Append('\n');
        }
        return text.ToString();
    }

    private static Spectre.Console.Table Framed(Table table)
    {
        var right = RightAligned(table);
        var framed = new Spectre.Console.Table().RoundedBorder();
        for (var column = 0; column < table.Columns.Count; column++)
            framed.AddColumn(new TableColumn(Markup.Escape(table.Columns[column])) { Alignment = right[column] ? Justify.Right : Justify.Left });
        foreach (var row in table.Rows) framed.AddRow([.. row.Select(value => new Text(OneLine(CellText.Short(value))))]);
        return framed;
    }

    /// <summary>Columns of which every value that is there is a number.</summary>
    private static bool[] RightAligned(Table table) => [.. table.Columns.Select((_, column) =>
        table.Rows.Any(row => row[column] is not null) && table.Rows.All(row => row[column] is null || CellText.IsNumber(row[column])))];

    /// <summary>Control characters of stored texts must neither break a line nor reach the terminal.</summary>
    private static string OneLine(string text) =>
        text.Any(char.IsControl) ? string.Concat(text.Select(letter => char.IsControl(letter) ? '·' : letter)) : text;
}
