using System.Globalization;
using System.Text;
using Recs.Pipelines.CommandLine;
using Recs.Pipelines.Page;
using Recs.Storage.Reports;

namespace Recs.Pipelines.Reports;

/// <summary>A report's answer as inline SVG, the way its file says.</summary>
internal static class ChartDrawing
{
    private const int Width = 640, Height = 300, Left = 70, Right = 150, Top = 12, Bottom = 46;

    /// <summary>Bars and lines beyond these are left out, and the caption says so: the table has them all.</summary>
    private const int MostBars = 40, MostLines = 5;

    /// <summary>The drawing and its caption; null where the answer has nothing to draw.</summary>
    public static (string Svg, string Caption)? Draw(ReportChart chart, Table table)
    {
        var (x, y) = (Column(table, chart.X), Column(table, chart.Y));
        var rows = table.Rows.Where(row => Number(row[y]) is not null).ToList();
        if (rows.Count == 0) return null;
        if (!chart.IsLine)
        {
            var bars = rows.Take(MostBars).Select(row => (CellText.Whole(row[x]), Number(row[y])!.Value)).ToList();
            return (Plots.Bars(bars), chart.Caption + LeftOut(rows.Count, bars.Count, "bars"));
        }
        var lines = (chart.Series is { } series ? rows.GroupBy(row => CellText.Whole(row[Column(table, series)])) : rows.GroupBy(_ => chart.Y)).ToList();
        // The places along are those of all rows, in their order: days and hours come sorted.
        var places = rows.Select(row => row[x]).DistinctBy(CellText.Whole).Order(Along).Select(CellText.Whole).ToList();
        var shown = lines.Take(MostLines).Select(line => (line.Key, line.Select(row => (places.IndexOf(CellText.Whole(row[x])), Number(row[y])!.Value)).ToList())).ToList();
        return (Lines(chart, places, shown), chart.Caption + LeftOut(lines.Count, shown.Count, "lines"));
    }

    private static readonly Comparer<object?> Along = Comparer<object?>.Create((a, b) =>
        Number(a) is { } left && Number(b) is { } right ? left.CompareTo(right) : string.CompareOrdinal(CellText.Whole(a), CellText.Whole(b)));

    private static string LeftOut(int all, int shown, string what) => all > shown ? string.Create(CultureInfo.InvariantCulture, $" (the first {shown} of {all} {what})") : "";

    private static string Lines(ReportChart chart, List<string> places, List<(string Name, List<(int Place, double Value)> Points)> lines)
    {
        var values = lines.SelectMany(line => line.Points).Select(point => point.Value).ToList();
        var (low, high) = (Math.Min(0, values.Min()), Math.Max(values.Max(), 0));
        if (high - low < 1e-12) high = low + 1;
        double X(int place) => Left + (places.Count == 1 ? 0.5 : place / (places.Count - 1.0)) * (Width - Left - Right);
        double Y(double value) => Top + (high - value) / (high - low) * (Height - Top - Bottom);
        var svg = new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" role=\"img\" aria-label=\"{chart.Y} over {chart.X}\"><rect class=\"axis\" x=\"{Left}\" y=\"{Top}\" width=\"{Width - Left - Right}\" height=\"{Height - Top - Bottom}\"/>")
            .Append(CultureInfo.InvariantCulture, $"<text x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 6}\" text-anchor=\"middle\">{chart.X}</text>");
        for (var tick = 0; tick <= 4; tick++)
        {
            var value = low + (high - low) * tick / 4;
            svg.Append(CultureInfo.InvariantCulture, $"<path class=\"axis\" d=\"M{Left} {Y(value):0.0}h-4\"/><text x=\"{Left - 7}\" y=\"{Y(value) + 4:0.0}\" text-anchor=\"end\">{value:G3}</text>");
        }
        var step = Math.Max(1, (places.Count + 5) / 6);
        for (var place = 0; place < places.Count; place += step)
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{X(place):0.0}\" y=\"{Height - Bottom + 16}\" text-anchor=\"middle\">{HtmlPage.Escaped(places[place])}</text>");
        for (var line = 0; line < lines.Count; line++)
        {
            var style = line == 0 ? "curve" : $"curve other{line}";
            svg.Append("<polyline class=\"").Append(style).Append("\" points=\"");
            foreach (var (place, value) in lines[line].Points.OrderBy(point => point.Place)) svg.Append(CultureInfo.InvariantCulture, $"{X(place):0.0},{Y(value):0.0} ");
            var at = Top + 14 + 18 * line;
            svg.Append(CultureInfo.InvariantCulture, $"\"/><line class=\"{style}\" x1=\"{Width - Right + 8}\" y1=\"{at - 4}\" x2=\"{Width - Right + 30}\" y2=\"{at - 4}\"/><text x=\"{Width - Right + 36}\" y=\"{at}\">{HtmlPage.Escaped(lines[line].Name)}</text>");
        }
        return svg.Append("</svg>").ToString();
    }

    private static int Column(Table table, string name) =>
        table.Columns.ToList().IndexOf(name) is >= 0 and var at ? at : throw new InvalidOperationException($"a chart draws column {name}, which the answer does not have");

    private static double? Number(object? value) => value switch { long whole => whole, double number when double.IsFinite(number) => number, _ => null };
}
