using Recs.Ranker.Evaluation;

namespace Recs.Ranker.Tests.Evaluation;

public sealed class RankingMetricsTests
{
    [Fact]
    public void Auc_RandomScoresWithTies_EqualsTheDefinitionOverPairs()
    {
        var random = new Random(1);
        for (var round = 0; round < 200; round++)
        {
            var count = random.Next(2, 80);
            // Few distinct scores: many ties, also between the classes; negative zero ties with zero.
            var scores = Enumerable.Range(0, count).Select(_ => random.Next(12) == 0 ? -0f : random.Next(-3, 4) / 4f).ToArray();
            var labels = Enumerable.Range(0, count).Select(_ => random.Next(3) == 0).ToArray();
            double won = 0, pairs = 0;
            for (var p = 0; p < count; p++)
                for (var n = 0; n < count; n++)
                {
                    if (!labels[p] || labels[n]) continue;
                    pairs++;
                    won += scores[p] > scores[n] ? 1 : scores[p] == scores[n] ? 0.5 : 0;
                }
            Assert.Equal(won / pairs, RankingMetrics.Auc(scores, labels), 1e-12); // NaN without pairs, on both sides
        }
    }

    [Fact]
    public void Auc_OneClassOrNothing_IsNaN()
    {
        Assert.True(double.IsNaN(RankingMetrics.Auc([1, 2], [true, true])));
        Assert.True(double.IsNaN(RankingMetrics.Auc([1, 2], [false, false])));
        Assert.True(double.IsNaN(RankingMetrics.Auc([], [])));
    }

    [Fact]
    public void Auc_ScoresThatAreNoNumbers_StandLowest() =>
        // Pairs: 1 beats NaN, 1 loses to 2, NaN ties with NaN, NaN loses to 2.
        Assert.Equal(1.5 / 4, RankingMetrics.Auc([float.NaN, 1, float.NaN, 2], [false, true, true, false]), 1e-12);

    [Fact]
    public void Ndcg_HandWorkedLists_AreAsWorked()
    {
        // Ranks of the positives: 1 and 3 of two. DCG = 1 + 1/2, ideal = 1 + 1/log2(3).
        Assert.Equal(1.5 / (1 + 1 / Math.Log2(3)), RankingMetrics.Ndcg([3, 2, 1], [true, false, true], 10), 1e-12);
        // The only positive at rank 2.
        Assert.Equal(1 / Math.Log2(3), RankingMetrics.Ndcg([1, 5], [true, false], 10), 1e-12);
        // Three positives, cut at two: one of them at rank 1, ideal both places.
        Assert.Equal(1 / (1 + 1 / Math.Log2(3)), RankingMetrics.Ndcg([9, 8, 7, 6], [true, false, true, true], 2), 1e-12);
        Assert.Equal(1, RankingMetrics.Ndcg([9, 8, 7], [true, true, false], 10));
        Assert.Equal(0, RankingMetrics.Ndcg([9, 8, 7], [false, false, false], 10));
        Assert.Equal(0, RankingMetrics.Ndcg([9, 8, 7], [false, false, true], 2));
        // A tie keeps the order of the rows.
        Assert.Equal(1, RankingMetrics.Ndcg([1, 1], [true, false], 1));
        Assert.Equal(0, RankingMetrics.Ndcg([1, 1], [false, true], 1));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(10, true)]
    public void Hit_PositiveAtTheThirdPlace_IsAHitFromThreeOn(int k, bool hit) =>
        Assert.Equal(hit, RankingMetrics.Hit([0.1f, 0.9f, 0.5f, 0.3f], [false, false, false, true], k));

    [Fact]
    public void LogLoss_HandWorked_IsTheMeanAndHeldAtTheEnds()
    {
        Assert.Equal(-(Math.Log(0.75) + Math.Log(0.5)) / 2, RankingMetrics.LogLoss([0.75f, 0.5f], [true, false]), 1e-9);
        Assert.Equal(-Math.Log(1e-7), RankingMetrics.LogLoss([0f], [true]), 1e-6);
        Assert.Equal(-Math.Log(1e-7), RankingMetrics.LogLoss([1f], [false]), 1e-6);
        Assert.True(double.IsNaN(RankingMetrics.LogLoss([], [])));
    }

    [Fact]
    public void CalibrationError_HandWorkedBins_IsTheWeightedGap()
    {
        // Two bins: [0, ½) predicts 0.2 and 0.4 with one positive of two; [½, 1] predicts 0.75 and 1 with two of two.
        var error = RankingMetrics.CalibrationError([0.2f, 0.4f, 0.75f, 1f], [true, false, true, true], bins: 2);
        Assert.Equal(0.5 * Math.Abs(0.3 - 0.5) + 0.5 * Math.Abs(0.875 - 1), error, 1e-6);
        Assert.Equal(0, RankingMetrics.CalibrationError([0f, 1f], [false, true]));
        Assert.True(double.IsNaN(RankingMetrics.CalibrationError([], [])));
    }

    [Fact]
    public void CalibrationError_TrueProbabilities_IsSmall()
    {
        var random = new Random(2);
        var probabilities = Enumerable.Range(0, 100_000).Select(_ => random.NextSingle()).ToArray();
        var labels = probabilities.Select(p => random.NextDouble() < p).ToArray();
        Assert.InRange(RankingMetrics.CalibrationError(probabilities, labels), 0, 0.01);
        Assert.InRange(RankingMetrics.CalibrationError([.. probabilities.Select(p => p * p)], labels), 0.1, 0.3);
    }
}
