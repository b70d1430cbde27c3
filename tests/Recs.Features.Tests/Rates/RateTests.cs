using Recs.Domain.Events;
using Recs.Features.Affinity;
using Recs.Features.Counting;

namespace Recs.Features.Tests.Rates;

public sealed class RateTests
{
    [Fact]
    public void Strength_OfBetaBinomialKeys_IsFoundAgain()
    {
        foreach (var (alpha, beta) in (ValueTuple<int, int>[])[(2, 2), (3, 9), (20, 30)])
        {
            var random = new Random(alpha);
            var spread = new RateSpread();
            for (var key = 0; key < 6_000; key++)
            {
                // Pólya's urn draws from the beta-binomial law.
                int trials = random.Next(1, 60), positives = 0;
                for (var draw = 0; draw < trials; draw++)
                    if (random.NextDouble() * (alpha + beta + draw) < alpha + positives) positives++;
                spread.Replace(default, new KeyTotals { Impressions = trials, Positives = positives });
            }
            Assert.InRange(spread.Strength(1, 1_000, 20), 0.8 * (alpha + beta), 1.25 * (alpha + beta));
        }
    }

    [Fact]
    public void Strength_OfNothingOrOfEqualRates_IsUnknownOrTheGreatest()
    {
        var spread = new RateSpread();
        Assert.Equal(20, spread.Strength(1, 1_000, 20));
        for (var key = 0; key < 50; key++) spread.Replace(default, new KeyTotals { Impressions = 1_000, Positives = 300 });
        Assert.Equal(1_000, spread.Strength(1, 1_000, 20));
        for (var key = 0; key < 50; key++) spread.Replace(new KeyTotals { Impressions = 1_000, Positives = 300 }, default);
        Assert.Equal(20, spread.Strength(1, 1_000, 20));
    }

    [Fact]
    public void Read_HandWorkedHistory_HasTheStatedRates()
    {
        Event[] log =
        [
            An.Item("a", An.Day(0), "i0", price: "10", tags: ["war"]), An.Item("b", An.Day(0), "i1", price: "20", tags: ["war", "love"]), An.Item("c", An.Day(0), "i2", price: "30", tags: ["love"]),
            An.Interaction("e1", An.Day(1), "i0", action: InteractionType.Like), An.Interaction("e2", An.Day(2), "i1", action: InteractionType.Hide), An.Interaction("e3", An.Day(3), "i2", action: InteractionType.Like),
            An.Interaction("e4", An.Day(3), "i2", "u1", InteractionType.Like),
        ];
        var schema = FeatureSchema.Of([new("learned_rates"), new("taste_rates"), new("liking_streak"), new("user_rhythm"), new("number_taste", new Dictionary<string, double> { ["near"] = 10 }, "price_gbp")]);
        var reader = new FeatureReader(An.State(log), schema);
        var row = new float[schema.Width];
        reader.Begin(new("u0"), An.Day(4));
        reader.Read(new("i1"), row);
        float Column(string name) => row[schema.Find(name)];

        static double LogOdds(double rate) => Math.Log(rate / (1 - rate));
        var all = (3 + 1.0) / (4 + 2);
        // Items: (1,1), (0,1), (2,2) of (likes, trials): one pair of trials, both liked, so the mean is 1 and the strength unknown, 20.
        double war = (1 + 20 * all) / (2 + 20), love = (2 + 20 * all) / (3 + 20);
        Assert.Equal(LogOdds((0 + 20 * (war + love) / 2) / (1 + 20)) - LogOdds(all), Column("rate_item"), 1e-5);
        Assert.Equal(LogOdds((war + love) / 2) - LogOdds(all), Column("rate_groups"), 1e-5);
        Assert.Equal(Math.Log(2), Column("trials_item"), 1e-6);
        Assert.Equal(Math.Log(4), Column("trials_user"), 1e-6);
        // The user liked one of two war films and one of two love films.
        Assert.Equal(0, Column("taste_rate_tag_max") - Column("taste_rate_tag_min"), 1e-6);
        Assert.Equal(Math.Log(3), Column("taste_rate_items"), 1e-6);
        Assert.Equal((1, 3f / 5), (Column("liking_streak"), Column("liked_of_last_5")));
        Assert.Equal(Math.Log(2), Column("days_since_like"), 1e-6);
        Assert.Equal(Math.Log(25), Column("user_gap_hours"), 1e-5);
        Assert.Equal(0, Column("user_session"));
        Assert.Equal((20, 20, 0, 0), (Column("price_gbp_number"), Column("price_gbp_liked_mean"), Column("price_gbp_from_liked"), Column("price_gbp_from_disliked")));
        Assert.Equal(3f / 5, Column("price_gbp_near_liked"));
    }

    [Fact]
    public void RatingAffinity_AgainstCosinesByPairs_IsEqual()
    {
        var random = new Random(3);
        List<Event> log = [];
        for (var i = 0; i < 400; i++) log.Add(An.Interaction($"e{i:000}", An.Day(i / 10.0), $"i{random.Next(15)}", $"u{random.Next(12)}", random.Next(3) == 0 ? InteractionType.Hide : InteractionType.Like));
        var builder = new AffinityBuilder(ratings: true);
        foreach (var source in log) builder.Add(source);
        var schema = FeatureSchema.Of([new("rating_affinity")]);
        var reader = new FeatureReader(An.State(log), schema) { Affinity = builder.Build(An.Day(50)) };

        var last = log.Cast<Interaction>().GroupBy(rated => (User: rated.User.Value, Item: rated.Item.Value)).ToDictionary(rated => rated.Key, rated => rated.Last().Action == InteractionType.Like ? 1.0 : 0);
        var mean = (last.Values.Sum() + 1) / (last.Count + 2);
        double MeanOf(IEnumerable<double> likes) => (likes.Sum() + 5 * mean) / (likes.Count() + 5);
        var items = last.GroupBy(rating => rating.Key.Item).ToDictionary(item => item.Key, item => MeanOf(item.Select(rating => rating.Value)));
        var users = last.GroupBy(rating => rating.Key.User).ToDictionary(user => user.Key, user => MeanOf(user.Select(rating => rating.Value)));
        double Residual((string User, string Item) key) => last.TryGetValue(key, out var liked) ? liked - (items[key.Item] + users[key.User] - mean) : 0;
        double Length(string item) => Math.Sqrt(users.Keys.Sum(user => Residual((user, item)) * Residual((user, item))) + 10);
        double Cosine(string a, string b) => users.Keys.Sum(user => Residual((user, a)) * Residual((user, b))) / (Length(a) * Length(b));

        for (var user = 0; user < 12; user++)
        {
            reader.Begin(new($"u{user}"), An.Day(60));
            // Of a user's items the newest interaction says what they think of it.
            var history = log.Cast<Interaction>().Where(rated => rated.User.Value == $"u{user}").Reverse().DistinctBy(rated => rated.Item).ToList();
            var liked = history.Where(rated => rated.Action == InteractionType.Like).ToList();
            var disliked = history.Where(rated => rated.Action == InteractionType.Hide).ToList();
            for (var item = 0; item < 15; item++)
            {
                var row = new float[schema.Width];
                reader.Read(new($"i{item}"), row);
                Assert.Equal(liked.Sum(rated => Cosine(rated.Item.Value, $"i{item}")) / Math.Max(1, liked.Count), row[schema.Find("residual_liked")], 1e-5);
                Assert.Equal(disliked.Sum(rated => Cosine(rated.Item.Value, $"i{item}")) / Math.Max(1, disliked.Count), row[schema.Find("residual_disliked")], 1e-5);
            }
        }
    }
}
