using System.Xml.Linq;
using Recs.Pipelines.Evaluate;
using Recs.Pipelines.Page;
using Recs.Pipelines.Quality;

namespace Recs.Pipelines.Tests.Page;

public sealed class QualityPageTests
{
    [Fact]
    public void Of_ARanking_IsWholeEscapedAndLoadsNothing()
    {
        var rows = Rows(1, 0.8);
        var text = QualityPage.Of("<b>quality</b>", ["a & b"], [("metrics", QualityFigures.Of(rows))], new Dictionary<string, QualityInterval> { ["auc"] = new(.5, .6) }, [("model", rows), ("other", Rows(2, 0.2))], [new("Gain.", [("item_rate", .7), ("<x>", -.3)])]).Text();
        var document = XDocument.Parse(text.Replace("<!DOCTYPE html>", "", StringComparison.Ordinal).Replace("<meta charset=\"utf-8\">", "", StringComparison.Ordinal)
            .Replace("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">", "", StringComparison.Ordinal));
        var drawings = document.Descendants("svg").ToList();
        Assert.Equal(3, drawings.Count);
        Assert.Equal("<b>quality</b>", document.Descendants("h1").Single().Value);
        Assert.DoesNotContain(document.Descendants(), element => element.Name.LocalName is "script" or "link" or "img" || element.Attributes().Any(attribute => attribute.Name.LocalName is "src" or "href"));
        Assert.DoesNotContain("url(", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("@import", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("//", text, StringComparison.Ordinal); // no address of any kind

        // Axes are named and have their ends; curves have their names beside them.
        string[] Texts(int drawing) => [.. drawings[drawing].Descendants("text").Select(label => label.Value)];
        Assert.Superset(new HashSet<string> { "false positive rate", "true positive rate", "model", "other", "0", "0.5", "1" }, Texts(0).ToHashSet());
        Assert.Superset(new HashSet<string> { "predicted", "observed", "0", "0.5", "1" }, Texts(1).ToHashSet());
        Assert.Equal(["item_rate", "0.7000", "<x>", "-0.3000"], Texts(2));
        Assert.All(drawings, drawing => Assert.False(string.IsNullOrWhiteSpace(drawing.Attribute("aria-label")?.Value)));
        // What is drawn stands within its drawing.
        foreach (var point in drawings.Take(2).SelectMany(drawing => drawing.Descendants("polyline")).SelectMany(line => line.Attribute("points")!.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)).SelectMany(point => point.Split(',')))
            Assert.InRange(double.Parse(point, System.Globalization.CultureInfo.InvariantCulture), 0, 320);
    }

    [Fact]
    public void Deciles_SumToTheRows()
    {
        var rows = Rows(3, 0.5);
        var deciles = Plots.Deciles(rows);
        Assert.Equal(10, deciles.Count);
        Assert.Equal(rows.Count, deciles.Sum(decile => decile.Rows));
        Assert.Equal(rows.Labels.Count(label => label), deciles.Sum(decile => decile.Rows * decile.Observed), 6);
    }

    [Fact]
    public void Intervals_SameSeed_AreTheSameAndHoldTheFigure()
    {
        var (better, worse) = (Rows(4, 0.9), Rows(4, 0.9));
        worse = worse.With([.. worse.Probabilities.Select((p, at) => at % 3 == 0 ? 1 - p : p)]);
        var one = Bootstrap.Intervals([("model", better), ("worse", worse)], 7, default);
        Assert.Equal(one, Bootstrap.Intervals([("model", better), ("worse", worse)], 7, default));
        var figures = QualityMetrics.Of(better);
        Assert.InRange(figures.Auc, one["auc"].Low, one["auc"].High);
        Assert.InRange(figures.Logloss, one["logloss"].Low, one["logloss"].High);
        Assert.InRange(figures.Uauc, one["uauc"].Low, one["uauc"].High);
        Assert.True(one["auc minus worse"].Low > 0);
        Assert.True(one["auc"].High - one["auc"].Low > 0.001);
    }

    private static JudgedRows Rows(int seed, double skill)
    {
        var random = new Random(seed);
        var labels = Enumerable.Range(0, 600).Select(_ => random.Next(3) == 0).ToArray();
        int[] users = [.. Enumerable.Range(0, 600).Select(row => row % 40)];
        return new(users, users, labels, [.. labels.Select(label => (float)Math.Clamp((label ? skill : 1 - skill) * random.NextDouble() + 0.2, 0.01, 0.99))], [.. labels.Select((_, at) => at % 7 == 0)]);
    }
}
