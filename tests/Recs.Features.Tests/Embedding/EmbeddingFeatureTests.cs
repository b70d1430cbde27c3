using Recs.Domain;
using Recs.Domain.Embeddings;
using Recs.Domain.Events;
using Recs.Features.Embedding;
using Recs.Features.State;

namespace Recs.Features.Tests.Embedding;

/// <summary>The columns that read vectors, against the same sums done naively in double precision.</summary>
public sealed class EmbeddingFeatureTests
{
    private const int Items = 30;

    [Fact]
    public void InterestSimilarity_RandomStates_EqualsANaiveComputation()
    {
        var random = new Random(1);
        for (var round = 0; round < 10; round++)
        {
            var (log, embeddings) = Small(random);
            var reader = new FeatureReader(An.State(log), FeatureSchema.Standard) { Vectors = new ItemVectors(embeddings) };
            var now = An.Day(61);
            for (var user = 0; user < 7; user++)
            {
                // The newest hundred of the user's likes and dislikes, oldest first.
                var recents = log.OfType<Interaction>().Where(act => act.User.Value == $"u{user}" && (act.Action.IsPositive() || act.Action.IsNegative()))
                    .OrderBy(act => act.Time.Milliseconds).ThenBy(act => act.Id.Value, StringComparer.Ordinal).TakeLast(100)
                    .Where(act => embeddings.Any(embedding => embedding.Item == act.Item)).ToList();
                for (var item = 0; item < Items + 4; item++)
                {
                    var row = An.Row(reader, $"u{user}", now, $"i{item}");
                    double[] actual = [.. new[] { "interest_7d_cosine", "interest_90d_cosine", "disliked_90d_cosine", "liked_max_cosine", "liked_top3_cosine" }.Select(name => (double)An.Column(row, name))];
                    double[] expected = [-1, -1, -1, -1, -1];
                    if (embeddings.Find(embedding => embedding.Item.Value == $"i{item}")?.Vector is { } own)
                    {
                        var liked = recents.Where(act => act.Action.IsPositive()).ToList();
                        var disliked = recents.Where(act => act.Action.IsNegative()).ToList();
                        if (disliked.Count > 0) expected[2] = Dot(Mean(disliked, 90), own);
                        if (liked.Count > 0)
                        {
                            expected[0] = Dot(Mean(liked, 7), own);
                            expected[1] = Dot(Mean(liked, 90), own);
                            var cosines = liked.Select(act => act.Item).Distinct().Where(other => other.Value != $"i{item}")
                                .Select(other => Dot([.. VectorOf(other).Select(x => (double)x)], own)).OrderDescending().ToList();
                            if (cosines.Count > 0) (expected[3], expected[4]) = (cosines[0], cosines.Take(3).Average());
                        }
                    }
                    for (var i = 0; i < 5; i++) Assert.Equal(expected[i], actual[i], 1e-5);
                }
            }

            float[] VectorOf(ItemId item) => embeddings.Single(embedding => embedding.Item == item).Vector;

            double[] Mean(List<Interaction> acts, double halfLifeDays)
            {
                var sum = new double[8];
                foreach (var act in acts)
                    for (var d = 0; d < 8; d++) sum[d] += VectorOf(act.Item)[d] * Math.Pow(2, -(now - act.Time).TotalDays / halfLifeDays);
                var norm = Math.Sqrt(sum.Sum(x => x * x));
                return [.. sum.Select(x => x / norm)];
            }
        }
    }

    [Fact]
    public void NeighbourDemand_RandomStates_EqualsANaiveComputation()
    {
        var random = new Random(2);
        for (var round = 0; round < 10; round++)
        {
            var (log, embeddings) = Small(random);
            var reader = new FeatureReader(An.State(log), FeatureSchema.Standard) { Vectors = new ItemVectors(embeddings) };
            var now = An.Day(58.5);
            var today = An.Day(58);
            var demand = embeddings.ToDictionary(embedding => embedding.Item, embedding => log.OfType<Interaction>()
                .Where(act => act.Item == embedding.Item && act.Action.IsPositive() && act.Time < today)
                .GroupBy(act => (act.Action, act.Time.DayIndex)).Sum(tile => tile.Count()
                    * Math.Pow(2, -(today.Milliseconds / 1e3 - tile.Average(act => Math.Floor(act.Time.Milliseconds / 1e3))) / (30 * 86_400.0))));
            var popular = new double[8];
            foreach (var (item, wanted) in demand)
                if (wanted > 0)
                    for (var d = 0; d < 8; d++) popular[d] += embeddings.Single(embedding => embedding.Item == item).Vector[d];
            var norm = Math.Sqrt(popular.Sum(x => x * x));
            for (var d = 0; d < 8; d++) popular[d] /= norm;

            foreach (var embedding in embeddings)
            {
                var nearest = embeddings.Where(other => other.Item != embedding.Item)
                    .Select(other => (Weight: Math.Max(0, Dot([.. other.Vector.Select(x => (double)x)], embedding.Vector)), Log: Math.Log(1 + demand[other.Item]), Raw: Dot([.. other.Vector.Select(x => (double)x)], embedding.Vector)))
                    .OrderByDescending(near => near.Raw).Take(20).ToList();
                var row = An.Row(reader, "u0", now, embedding.Item.Value);
                Assert.Equal(nearest.Sum(near => near.Weight * near.Log) / nearest.Sum(near => near.Weight), An.Column(row, "neighbour_demand"), 1e-4);
                Assert.Equal(nearest.Max(near => near.Weight * near.Log), An.Column(row, "neighbour_demand_max"), 1e-4);
                Assert.Equal(Dot(popular, embedding.Vector), An.Column(row, "popular_cosine"), 1e-5);
            }
            var without = An.Row(reader, "u0", now, $"i{Items + 1}");
            Assert.Equal((-1, -1, -1), (An.Column(without, "neighbour_demand"), An.Column(without, "neighbour_demand_max"), An.Column(without, "popular_cosine")));
        }
    }

    [Fact]
    public void Read_ByOneReaderAfterEveryEvent_EqualsAFreshReader()
    {
        // A reader keeps the demand of past days and the rows of tables: neither late events nor a turn of the day may show a difference.
        var random = new Random(3);
        for (var round = 0; round < 10; round++)
        {
            var (log, embeddings) = Small(random, events: 60, days: 5);
            var vectors = new ItemVectors(embeddings);
            var state = new RankingState();
            var kept = new FeatureReader(state, FeatureSchema.Standard) { Vectors = vectors };
            foreach (var source in An.Shuffled(random, log).OrderBy(source => source.Time.Milliseconds / (2 * Timestamp.Day)))
            {
                state.Apply(source);
                var now = state.Newest.Plus(TimeSpan.FromHours(random.Next(-30, 30)));
                var (user, item) = ($"u{random.Next(7)}", $"i{random.Next(Items)}");
                Assert.Equal(An.Row(new FeatureReader(state, FeatureSchema.Standard) { Vectors = vectors }, user, now, item), An.Row(kept, user, now, item));
            }
        }
    }

    [Fact]
    public void Read_OtherVectors_ForgetTheFirst()
    {
        var random = new Random(4);
        var (log, embeddings) = Small(random);
        var state = An.State(log);
        var kept = new FeatureReader(state, FeatureSchema.Standard);
        foreach (var vectors in (ItemVectors?[])[new(embeddings), new(An.Vectors(random, 12, 16)), null, new([]), new(embeddings)])
        {
            kept.Vectors = vectors;
            Assert.Equal(An.Row(new FeatureReader(state, FeatureSchema.Standard) { Vectors = vectors }, "u1", An.Day(61), "i3"), An.Row(kept, "u1", An.Day(61), "i3"));
        }
    }

    private static (List<Event> Log, List<ItemEmbedding> Embeddings) Small(Random random, int events = 500, int days = 60) => (
        [.. Enumerable.Range(0, events).Select(i => (Event)An.Interaction($"e{i:0000}", An.Day(random.NextDouble() * days), $"i{random.Next(Items + 2)}", $"u{random.Next(6)}",
            (InteractionType)random.Next(1, InteractionTypes.Count)))],
        An.Vectors(random, Items));

    private static double Dot(double[] a, float[] b) => a.Zip(b, (x, y) => x * y).Sum();
}
