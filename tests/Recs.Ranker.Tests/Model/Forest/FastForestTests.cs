using Recs.Ranker.Model;
using Recs.Ranker.Model.Forest;

namespace Recs.Ranker.Tests.Model.Forest;

public sealed class FastForestTests
{
    [Theory]
    [InlineData(1, 40, 31, 9, 40)]
    [InlineData(2, 40, 32, 3, 255)]     // the most thresholds that a byte tells apart
    [InlineData(3, 25, 33, 5, 17)]      // words of 64 bits from here
    [InlineData(4, 25, 64, 2, 16)]      // thresholds that fill one bucket
    [InlineData(5, 30, 8, 70, 3)]
    [InlineData(6, 12, 65, 4, 60)]      // a leaf too many: walked
    [InlineData(7, 12, 200, 4, 60)]
    [InlineData(8, 60, 64, 2, 1_000)]   // thresholds too many
    [InlineData(9, 7, 1, 1, 1)]         // no split at all
    [InlineData(10, 600, 63, 30, 200)]  // long lists of splits: words are kept
    public void Score_AnyForest_HasTheBitsOfTheWalk(int seed, int trees, int leaves, int width, int distinct)
    {
        var forest = new RegressionForest(RandomForest.Trees(seed, trees, leaves, width, distinct));
        foreach (var rows in (int[])[0, 1, 4, 5, 31, 32, 33, 127, 128, 129, 300])
        {
            var features = RandomForest.Rows(seed * 1_000 + rows, rows, width, distinct);
            var scores = new double[rows];
            forest.Score(features, width, scores);
            for (var row = 0; row < rows; row++)
            {
                var walked = BitConverter.DoubleToInt64Bits(forest.Walk(features.AsSpan(row * width, width)));
                Assert.Equal(walked, BitConverter.DoubleToInt64Bits(scores[row]));
                Assert.Equal(walked, BitConverter.DoubleToInt64Bits(forest.Score(features.AsSpan(row * width, width))));
            }
        }
    }

    [Fact]
    public void Score_ALeafTooManyInOneTree_OnlyThatOneIsWalked()
    {
        var trees = RandomForest.Trees(11, 10, 31, 6, 50);
        trees.Insert(4, RandomForest.Trees(12, 1, 90, 6, 50)[0]);
        Assert.Null(RowScorer.TryCreate(trees, Ranks(trees)));
        var forest = new RegressionForest(trees);
        var rows = RandomForest.Rows(13, 70, 6, 50);
        var scores = new double[70];
        forest.Score(rows, 6, scores);
        for (var row = 0; row < 70; row++) Assert.Equal(forest.Walk(rows.AsSpan(row * 6, 6)), scores[row]);
    }

    [Fact]
    public void TryCreate_UpTo64Leaves_IsTheFastWay()
    {
        foreach (var leaves in (int[])[2, 32, 33, 64])
        {
            var trees = RandomForest.Trees(14, 3, leaves, 6, 50);
            Assert.Equal(leaves > 32, RowScorer.TryCreate(trees, Ranks(trees)) is RowScorer<ulong>);
            Assert.Equal(leaves <= 32, RowScorer.TryCreate(trees, Ranks(trees)) is RowScorer<uint>);
        }
    }

    [Fact]
    public void Score_WrongLengths_AreRefused()
    {
        var forest = new RegressionForest([]);
        Assert.Throws<ArgumentException>(() => forest.Score(new float[7], 2, new double[3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => forest.Score([], 0, []));
    }

    [Fact]
    public void Rank_Thresholds_CountsThoseBelow()
    {
        for (var count = 1; count <= ThresholdRanks.Most; count++)
        {
            var ranks = new ThresholdRanks(Enumerable.Range(0, count).Select(i => (3, (float)i)));
            Assert.True(ranks.TryFind(3, out var slot));
            var found = new byte[1];
            for (var value = -0.5f; value <= count; value += 0.5f)
            {
                ranks.Rank([0, 0, 0, value], found);
                Assert.Equal((byte)Math.Clamp(Math.Ceiling(value), 0, count), found[0]);
            }
            ranks.Rank([0, 0, 0, float.NaN], found);
            Assert.Equal(count, found[slot]);
        }
        Assert.False(new ThresholdRanks(Enumerable.Range(0, 256).Select(i => (3, (float)i))).TryFind(3, out _));
    }

    private static ThresholdRanks Ranks(IEnumerable<RegressionForest.Tree> trees) => new(trees.SelectMany(tree => tree.Features.Zip(tree.Thresholds)));
}
