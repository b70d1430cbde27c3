using System.Globalization;
using System.Text;
using Recs.Pipelines.Quality;

namespace Recs.Pipelines.Page;

/// <summary>Drawings as inline SVG.</summary>
internal static class Plots
{
    private const int Size = 320, Margin = 40, Inner = Size - 2 * Margin;

    /// <summary>Styles of curves beside the first: other1, other2, … of <see cref="HtmlPage"/>.</summary>
    private const int OtherStyles = 4;

    /// <summary>True positive rate over false positive rate; the first ranking is drawn strong. Names stand in the corner that curves leave free.</summary>
    public static string Roc(IReadOnlyList<(string Name, JudgedRows Rows)> rankings)
    {
        var svg = Square("ROC curves", "false positive rate", "true positive rate");
        for (var at = rankings.Count - 1; at >= 0; at--)
        {
            var style = at == 0 ? "curve" : $"curve other{(at - 1) % OtherStyles + 1}";
            Line(svg, RocPoints(rankings[at].Rows), style);
            var y = Size - Margin - 12 - (rankings.Count - 1 - at) * 16;
            svg.Append(CultureInfo.InvariantCulture, $"<line class=\"{style}\" x1=\"{Size - Margin - 32}\" y1=\"{y - 4}\" x2=\"{Size - Margin - 8}\" y2=\"{y - 4}\"/><text x=\"{Size - Margin - 38}\" y=\"{y}\" text-anchor=\"end\">{HtmlPage.Escaped(rankings[at].Name)}</text>");
        }
        return Close(svg);
    }

    /// <summary>What happened over what was predicted, by tenths of the rows in order of prediction.</summary>
    public static string Reliability(JudgedRows rows)
    {
        var deciles = Deciles(rows);
        var svg = Square("reliability", "predicted", "observed");
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
        var svg = new StringBuilder().Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {label + width + 60} {bars.Count * step + 4}\" width=\"{label + width + 60}\" role=\"img\" aria-label=\"bars by column\">");
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

    /// <summary>A square from 0 to 1 both ways, with ticks at quarters and a dashed diagonal.</summary>
    private static StringBuilder Square(string name, string x, string y)
    {
        var svg = new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Size} {Size}\" width=\"{Size}\" role=\"img\" aria-label=\"{name}: {y} over {x}\"><rect class=\"axis\" x=\"{Margin}\" y=\"{Margin}\" width=\"{Inner}\" height=\"{Inner}\"/>")
            .Append(CultureInfo.InvariantCulture, $"<line class=\"diagonal\" x1=\"{X(0)}\" y1=\"{Y(0)}\" x2=\"{X(1)}\" y2=\"{Y(1)}\"/>")
            .Append(CultureInfo.InvariantCulture, $"<text x=\"{Size / 2}\" y=\"{Size - 6}\" text-anchor=\"middle\">{x}</text><text x=\"10\" y=\"{Size / 2}\" text-anchor=\"middle\" transform=\"rotate(-90 10 {Size / 2})\">{y}</text>");
        foreach (var tick in (double[])[0, 0.25, 0.5, 0.75, 1])
            svg.Append(CultureInfo.InvariantCulture, $"<path class=\"axis\" d=\"M{X(tick):0.#} {Y(0)}v4M{X(0)} {Y(tick):0.#}h-4\"/><text x=\"{X(tick):0.#}\" y=\"{Y(0) + 16}\" text-anchor=\"middle\">{tick}</text><text x=\"{X(0) - 7}\" y=\"{Y(tick) + 4:0.#}\" text-anchor=\"end\">{tick}</text>");
        return svg;
    }

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
