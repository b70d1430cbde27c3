using System.Globalization;
using System.Text;
using Recs.Pipelines.Quality;

namespace Recs.Pipelines.Page;

/// <summary>Drawings as inline SVG.</summary>
internal static class Plots
{
    private const int Size = 320, Margin = 36, Inner = Size - 2 * Margin;

    /// <summary>True positive rate over false positive rate; the first ranking is drawn strong.</summary>
    public static string Roc(IReadOnlyList<(string Name, JudgedRows Rows)> rankings)
    {
        var svg = Square("false positive rate", "true positive rate");
        for (var at = rankings.Count - 1; at >= 0; at--)
            Line(svg, RocPoints(rankings[at].Rows), at == 0 ? "curve" : "other");
        return Close(svg);
    }

    /// <summary>What happened over what was predicted, by tenths of the rows in order of prediction.</summary>
    public static string Reliability(JudgedRows rows)
    {
        var deciles = Deciles(rows);
        var svg = Square("predicted", "observed");
        Line(svg, [.. deciles.Select(decile => (decile.Predicted, decile.Observed))], "curve");
        foreach (var decile in deciles)
            svg.Append(CultureInfo.InvariantCulture, $"<circle class=\"mark\" cx=\"{X(decile.Predicted):0.0}\" cy=\"{Y(decile.Observed):0.0}\" r=\"3.5\"><title>{decile.Rows} rows: predicted {decile.Predicted:0.0000}, observed {decile.Observed:0.0000}</title></circle>");
        return Close(svg);
    }

    /// <summary>Names with bars, greatest first.</summary>
    public static string Bars(IReadOnlyList<(string Name, double Value)> bars)
    {
        const int label = 190, width = 260, step = 18;
        var greatest = Math.Max(bars.Select(bar => bar.Value).DefaultIfEmpty(0).Max(), 1e-12);
        var svg = new StringBuilder().Append(CultureInfo.InvariantCulture, $"<svg width=\"{label + width + 60}\" height=\"{bars.Count * step + 4}\" role=\"img\">");
        for (var at = 0; at < bars.Count; at++)
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{label - 6}\" y=\"{at * step + 13}\" text-anchor=\"end\">{HtmlPage.Escaped(bars[at].Name)}</text><rect class=\"mark\" x=\"{label}\" y=\"{at * step + 3}\" width=\"{Math.Max(0, bars[at].Value) / greatest * width:0.0}\" height=\"{step - 6}\"/><text x=\"{label + Math.Max(0, bars[at].Value) / greatest * width + 5:0.0}\" y=\"{at * step + 13}\">{bars[at].Value:0.0000}</text>");
        return svg.Append("</svg>").ToString();
    }

    /// <summary>Tenths of the rows in order of prediction.</summary>
    public static IReadOnlyList<(int Rows, double Predicted, double Observed)> Deciles(JudgedRows rows)
    {
        var order = Enumerable.Range(0, rows.Count).OrderBy(row => rows.Probabilities[row]).ToArray();
        return [.. Enumerable.Range(0, 10).Select(tenth => order[(int)((long)order.Length * tenth / 10)..(int)((long)order.Length * (tenth + 1) / 10)]).Where(places => places.Length > 0)
            .Select(places => (places.Length, places.Average(row => (double)rows.Probabilities[row]), places.Average(row => rows.Labels[row] ? 1.0 : 0)))];
    }

    // At most some 200 points: the eye needs no more, and the page stays small.
    private static List<(double X, double Y)> RocPoints(JudgedRows rows)
    {
        var order = Enumerable.Range(0, rows.Count).OrderByDescending(row => rows.Probabilities[row]).ToArray();
        double positives = rows.Labels.Count(label => label), negatives = rows.Count - positives;
        List<(double, double)> points = [(0, 0)];
        double hits = 0, misses = 0;
        for (var at = 0; at < order.Length; at++)
        {
            if (rows.Labels[order[at]]) hits++;
            else misses++;
            var tied = at + 1 < order.Length && rows.Probabilities[order[at + 1]] == rows.Probabilities[order[at]];
            var (x, y) = (misses / Math.Max(1, negatives), hits / Math.Max(1, positives));
            if (!tied && (x - points[^1].Item1 + y - points[^1].Item2 > 0.01 || at == order.Length - 1)) points.Add((x, y));
        }
        return points;
    }

    private static StringBuilder Square(string x, string y) => new StringBuilder()
        .Append(CultureInfo.InvariantCulture, $"<svg width=\"{Size}\" height=\"{Size}\" role=\"img\"><rect class=\"axis\" x=\"{Margin}\" y=\"{Margin}\" width=\"{Inner}\" height=\"{Inner}\"/>")
        .Append(CultureInfo.InvariantCulture, $"<line class=\"axis\" x1=\"{X(0)}\" y1=\"{Y(0)}\" x2=\"{X(1)}\" y2=\"{Y(1)}\" stroke-dasharray=\"4 4\"/>")
        .Append(CultureInfo.InvariantCulture, $"<text x=\"{Size / 2}\" y=\"{Size - 8}\" text-anchor=\"middle\">{x}</text><text x=\"12\" y=\"{Size / 2}\" text-anchor=\"middle\" transform=\"rotate(-90 12 {Size / 2})\">{y}</text>")
        .Append(CultureInfo.InvariantCulture, $"<text x=\"{Margin}\" y=\"{Size - Margin + 14}\">0</text><text x=\"{Size - Margin}\" y=\"{Size - Margin + 14}\" text-anchor=\"end\">1</text>");

    private static void Line(StringBuilder svg, IReadOnlyList<(double X, double Y)> points, string style)
    {
        svg.Append("<polyline class=\"").Append(style).Append("\" points=\"");
        foreach (var (x, y) in points) svg.Append(CultureInfo.InvariantCulture, $"{X(x):0.0},{Y(y):0.0} ");
        svg.Append("\"/>");
    }

    private static string Close(StringBuilder svg) => svg.Append("</svg>").ToString();

    private static double X(double value) => Margin + value * Inner;

    private static double Y(double value) => Size - Margin - value * Inner;
}
