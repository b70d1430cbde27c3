using System.Globalization;
using Recs.Pipelines.Quality;

namespace Recs.Pipelines.Page;

/// <summary>The page of a judged model: figures with intervals, ablations, curves, calibration and what the model leans on.</summary>
internal static class QualityPage
{
    /// <summary>Columns drawn.</summary>
    private const int TopColumns = 20;

    private const int FewDigits = 4, ManyDigits = 6;

    /// <param name="title">Of the page.</param>
    /// <param name="lines">Figures by name, the model's first.</param>
    /// <param name="intervals">By metric; see <see cref="QualityResult.Intervals"/>.</param>
    /// <param name="notes">Sentences below the title.</param>
    /// <param name="rankings">The model's judged rows first; empty where nothing is ranked.</param>
    /// <param name="leanings">What the model leans on; empty where unknown.</param>
    public static HtmlPage Of(string title, IReadOnlyList<string> notes, IReadOnlyList<(string Name, QualityFigures Figures)> lines, IReadOnlyDictionary<string, QualityInterval>? intervals,
        IReadOnlyList<(string Name, JudgedRows Rows)> rankings, IReadOnlyList<Leaning> leanings)
    {
        var page = new HtmlPage(title);
        foreach (var note in notes) page.Paragraph(note);
        page.Heading("Figures");
        var names = lines.SelectMany(line => line.Figures.All().Select(figure => figure.Name)).Distinct().ToList();
        var digits = names.ToDictionary(name => name, name => Digits(lines.SelectMany(line => line.Figures.All()).Where(figure => figure.Name == name).Select(figure => figure.Value)));
        page.Table(["", .. names], lines.Where(line => line.Figures.All().Any()).Select(line => (IReadOnlyList<string>)[line.Name, .. names.Select(name => line.Figures.All().Where(figure => figure.Name == name).Select(figure => Text(figure.Value, digits[name])).FirstOrDefault(""))]));
        if (intervals is { Count: > 0 })
        {
            page.Heading("95 % intervals");
            page.Paragraph("From a seeded bootstrap (300 draws with replacement: of users where rows are ranked, of rows where a policy is evaluated). Differences are paired: the same draw for both.");
            page.Table(["", "low", "high"], intervals.Select(interval => (IReadOnlyList<string>)[interval.Key, Text(interval.Value.Low, Of(interval.Key)), Text(interval.Value.High, Of(interval.Key))]));

            // A difference has the digits of its metric.
            int Of(string interval) => digits.GetValueOrDefault(interval.Split(' ')[0], FewDigits);
        }
        if (rankings.Count > 0)
        {
            page.Heading("Curves");
            page.Figure(Plots.Roc(rankings), "ROC: the share of positives that stand above a cut over the share of negatives that do.");
            page.Figure(Plots.Reliability(rankings[0].Rows), "Reliability by tenths of the rows in order of prediction; on the dashed line what is predicted happens.");
            page.Heading("Calibration by tenths");
            var deciles = Plots.Deciles(rankings[0].Rows);
            var few = Digits(deciles.SelectMany(decile => (double[])[decile.Predicted, decile.Observed]));
            page.Table(["tenth", "rows", "predicted", "observed", "difference"], deciles.Select((decile, at) =>
                (IReadOnlyList<string>)[(at + 1).ToString(CultureInfo.InvariantCulture), decile.Rows.ToString("N0", CultureInfo.InvariantCulture), Text(decile.Predicted, few), Text(decile.Observed, few), Text(decile.Predicted - decile.Observed, few)]));
            Segments(page, rankings[0].Rows);
        }
        if (leanings.Count > 0) page.Heading("Importance");
        foreach (var (caption, bars) in leanings) page.Figure(Plots.Bars([.. bars.Take(TopColumns)]), caption);
        return page;
    }

    private static void Segments(HtmlPage page, JudgedRows rows)
    {
        var sizes = JudgedRows.PlacesBy(rows.Users).Select(places => places.Length).ToArray();
        (string Name, Func<int, bool> In)[] segments =
        [
            ("new items", row => rows.Cold[row]), ("other items", row => !rows.Cold[row]), ("users with up to 20 rows", row => sizes[rows.Users[row]] <= 20), ("users with more", row => sizes[rows.Users[row]] > 20),
        ];
        page.Heading("Calibration by segment");
        var judged = segments.Select(segment => (segment.Name, Rows: rows.Where(segment.In))).Where(segment => segment.Rows.Count > 0)
            .Select(segment => (segment.Name, segment.Rows.Count, Predicted: segment.Rows.Probabilities.Average(p => (double)p), Observed: segment.Rows.Labels.Average(label => label ? 1.0 : 0),
                Error: Recs.Ranker.Evaluation.RankingMetrics.CalibrationError(segment.Rows.Probabilities, segment.Rows.Labels))).ToList();
        var digits = Digits(judged.SelectMany(segment => (double[])[segment.Predicted, segment.Observed]));
        page.Table(["segment", "rows", "predicted", "observed", "ece"], judged.Select(segment =>
            (IReadOnlyList<string>)[segment.Name, segment.Count.ToString("N0", CultureInfo.InvariantCulture), Text(segment.Predicted, digits), Text(segment.Observed, digits), Text(segment.Error, digits)]));
    }

    /// <summary>Digits after the point that a column has from top to bottom: more where all of it is small, as click rates are.</summary>
    private static int Digits(IEnumerable<double> column) => column.Select(Math.Abs).DefaultIfEmpty(0).Max() < 0.01 ? ManyDigits : FewDigits;

    private static string Text(double value, int digits) =>
        value.ToString(Math.Abs(value) >= 1000 || value == Math.Floor(value) && Math.Abs(value) > 1 ? "N0" : digits == ManyDigits ? "0.000000" : "0.0000", CultureInfo.InvariantCulture);
}

/// <summary>How much a model leans on its columns, by one measure.</summary>
/// <param name="Caption">Which measure, in a sentence.</param>
/// <param name="Bars">Greatest first.</param>
internal sealed record Leaning(string Caption, IReadOnlyList<(string Name, double Value)> Bars)
{
    /// <summary>Shares of the gain that training told.</summary>
    public static IReadOnlyList<Leaning> Gains(IReadOnlyList<(string Feature, double Gain)> gains) =>
        gains.Count == 0 ? [] : [new("Share of what all columns gained (trees) or weigh (linear).", gains)];
}
