using System.Globalization;
using Recs.Pipelines.Quality;

namespace Recs.Pipelines.Page;

/// <summary>The page of a judged model: figures with intervals, ablations, curves, calibration and what the model leans on.</summary>
internal static class QualityPage
{
    /// <summary>Columns drawn.</summary>
    private const int TopColumns = 20;

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
        page.Table(["", .. names], lines.Where(line => line.Figures.All().Any()).Select(line => (IReadOnlyList<string>)[line.Name, .. names.Select(name => line.Figures.All().Where(figure => figure.Name == name).Select(figure => Text(figure.Value)).FirstOrDefault(""))]));
        if (intervals is { Count: > 0 })
        {
            page.Heading("95 % intervals");
            page.Paragraph("From a seeded bootstrap (300 draws with replacement: of users where rows are ranked, of rows where a policy is evaluated). Differences are paired: the same draw for both.");
            page.Table(["", "low", "high"], intervals.Select(interval => (IReadOnlyList<string>)[interval.Key, Text(interval.Value.Low), Text(interval.Value.High)]));
        }
        if (rankings.Count > 0)
        {
            page.Heading("Curves");
            page.Figure(Plots.Roc(rankings), $"ROC: {rankings[0].Name} strong{(rankings.Count > 1 ? $"; faint: {string.Join(", ", rankings.Skip(1).Select(ranking => ranking.Name))}" : "")}.");
            page.Figure(Plots.Reliability(rankings[0].Rows), "Reliability by tenths of the rows in order of prediction; on the dashed line what is predicted happens.");
            page.Heading("Calibration by tenths");
            page.Table(["tenth", "rows", "predicted", "observed", "difference"], Plots.Deciles(rankings[0].Rows).Select((decile, at) =>
                (IReadOnlyList<string>)[(at + 1).ToString(CultureInfo.InvariantCulture), decile.Rows.ToString("N0", CultureInfo.InvariantCulture), Text(decile.Predicted), Text(decile.Observed), Text(decile.Predicted - decile.Observed)]));
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
        page.Table(["segment", "rows", "predicted", "observed", "ece"], segments.Select(segment => (segment.Name, Rows: rows.Where(segment.In))).Where(segment => segment.Rows.Count > 0).Select(segment =>
            (IReadOnlyList<string>)[segment.Name, segment.Rows.Count.ToString("N0", CultureInfo.InvariantCulture), Text(segment.Rows.Probabilities.Average(p => (double)p)),
                Text(segment.Rows.Labels.Average(label => label ? 1.0 : 0)), Text(Recs.Ranker.Evaluation.RankingMetrics.CalibrationError(segment.Rows.Probabilities, segment.Rows.Labels))]));
    }

    private static string Text(double value) => value.ToString(Math.Abs(value) >= 1000 || value == Math.Floor(value) && Math.Abs(value) > 1 ? "N0" : Math.Abs(value) is < 0.01 and > 0 ? "0.000000" : "0.0000", CultureInfo.InvariantCulture);
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
