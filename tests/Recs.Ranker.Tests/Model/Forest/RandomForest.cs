using Recs.Ranker.Model;

namespace Recs.Ranker.Tests.Model.Forest;

/// <summary>Trees of random shape and rows that often lie exactly on a threshold.</summary>
internal static class RandomForest
{
    /// <param name="seed">Same seed, same trees.</param>
    /// <param name="trees">How many.</param>
    /// <param name="leaves">Leaves of a tree, 1 to this.</param>
    /// <param name="width">Features.</param>
    /// <param name="distinct">Thresholds that a feature can have.</param>
    public static List<RegressionForest.Tree> Trees(int seed, int trees, int leaves, int width, int distinct)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, trees).Select(tree => Tree(random, tree % 3 == 0 ? leaves : random.Next(1, leaves + 1), width, distinct))];
    }

    public static float[] Rows(int seed, int rows, int width, int distinct)
    {
        var random = new Random(seed);
        float[] odd = [float.NegativeInfinity, float.PositiveInfinity, float.NaN, -0f, float.Epsilon, float.MaxValue, float.MinValue];
        return [.. Enumerable.Range(0, rows * width).Select(_ => random.Next(12) switch
        {
            0 => odd[random.Next(odd.Length)],
            < 8 => Threshold(random.Next(distinct), distinct),
            _ => random.NextSingle() * 12 - 6,
        })];
    }

    private static float Threshold(int number, int distinct) => (number - distinct / 2) * 0.0625f;

    /// <summary>Splits a random leaf until there are enough: shapes from a list to a bush.</summary>
    private static RegressionForest.Tree Tree(Random random, int leaves, int width, int distinct)
    {
        List<int> features = [], left = [], right = [];
        List<float> thresholds = [];
        var spine = random.Next(2) == 0;
        for (var made = 1; made < leaves; made++)
        {
            var (node, split) = (features.Count, spine ? made - 1 : random.Next(made));
            // LightGBM's numbering: the leaf that is split stays on the left, the new one is the next number.
            for (var parent = 0; parent < node; parent++)
            {
                if (left[parent] == ~split) left[parent] = node;
                else if (right[parent] == ~split) right[parent] = node;
            }
            features.Add(random.Next(width));
            thresholds.Add(Threshold(random.Next(distinct), distinct));
            left.Add(~split);
            right.Add(~made);
        }
        return new(features, thresholds, left, right, [.. Enumerable.Range(0, leaves).Select(_ => random.NextDouble() * 2 - 1)]);
    }
}
