using System.Globalization;
using System.Text.RegularExpressions;
using Recs.Domain.Events;
using Recs.Features.Affinity;
using Recs.Features.Embedding;
using Recs.Features.Explaining;

namespace Recs.Features.Tests.Explaining;

/// <summary>That the numbers in a reason are those behind the value: it is worked out again from the words.</summary>
public sealed class ExplanationTests
{
    [Fact]
    public void ItemDemand_Rate_CanBeWorkedOutFromItsWords()
    {
        for (var seed = 1; seed < 8; seed++)
        {
            var column = Explain(An.Log(new Random(seed), 400), "item_demand", "item_rate_total", "i3");
            var numbers = Numbers(column.How, @"\((\d+) \+ ([\d.]+) · ([\d.]+)\) / \((\d+) \+ ([\d.]+)\)");
            Assert.Equal((numbers[0] + numbers[1] * numbers[2]) / (numbers[3] + numbers[4]), column.Value, 1e-4);
        }
    }

    [Fact]
    public void LearnedRates_Item_CanBeWorkedOutFromItsWords()
    {
        for (var seed = 1; seed < 8; seed++)
        {
            var column = Explain(An.Log(new Random(seed), 400), "learned_rates", "rate_item", "i4");
            var numbers = Numbers(column.How, @"\((\d+) \+ ([\d.]+) · ([\d.]+)\) / \((\d+) \+ ([\d.]+)\) above those of ([\d.]+)");
            static double LogOdds(double rate) => Math.Log(rate / (1 - rate));
            Assert.Equal(LogOdds((numbers[0] + numbers[1] * numbers[2]) / (numbers[3] + numbers[4])) - LogOdds(numbers[5]), column.Value, 5e-3);
        }
    }

    [Fact]
    public void ItemDemand_Tiles_AreNamedByDay()
    {
        List<Event> log = [An.Item("e0", An.Start)];
        for (var i = 0; i < 7; i++) log.Add(An.Interaction($"c{i}", An.Day(i < 3 ? 2 : 2 + i), "i0"));
        var how = Explain(log, "item_demand", "item_positives_7d", "i0").How;
        Assert.Contains("half", Explain(log, "user_activity", "user_rate_30d", "i0").How, StringComparison.Ordinal);
        Assert.Contains("day tiles of click 7 (2024-01-09 ×1, 2024-01-08 ×1, 2024-01-07 ×1, 2024-01-06 ×1, 2024-01-03 ×3)", how, StringComparison.Ordinal);
    }

    [Fact]
    public void CoEngagement_Sum_NamesTheNeighboursItAddsUp()
    {
        List<Event> log = [];
        for (var user = 0; user < 6; user++)
            foreach (var item in new[] { "i0", "i1", "i2" }) log.Add(An.Interaction($"e{user}-{item}", An.Day(user), item, $"u{user}"));
        var column = Explain(log, "co_engagement", "affinity_sum", "i0");
        var strengths = Regex.Matches(column.How, @"i\d+ ([\d.]+)").Select(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(2, strengths.Count);
        Assert.Equal(strengths.Sum(), column.Value, 1e-3);
    }

    private static ColumnExplanation Explain(IReadOnlyList<Event> log, string feature, string column, string item)
    {
        var builder = new AffinityBuilder(ratings: true);
        foreach (var source in log) builder.Add(source);
        var reader = new FeatureReader(An.State(log), FeatureSchema.Of([new(feature)])) { Affinity = builder.Build(An.Day(205)), Vectors = new ItemVectors(An.Vectors(new Random(1), 20)) };
        reader.Begin(new("u0"), An.Day(205));
        return reader.Explain(new(item)).Single(explained => explained.Column == column);
    }

    private static double[] Numbers(string how, string pattern)
    {
        var match = Regex.Match(how, pattern);
        Assert.True(match.Success, how);
        return [.. match.Groups.Values.Skip(1).Select(group => double.Parse(group.Value, CultureInfo.InvariantCulture))];
    }
}
