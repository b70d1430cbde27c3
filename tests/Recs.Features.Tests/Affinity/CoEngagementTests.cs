using Recs.Domain.Events;
using Recs.Features.Affinity;

namespace Recs.Features.Tests.Affinity;

public sealed class CoEngagementTests
{
    [Fact]
    public void Read_RandomStates_EqualsANaiveSum()
    {
        var random = new Random(1);
        for (var round = 0; round < 10; round++)
        {
            var log = Enumerable.Range(0, 900).Select(i => (Event)An.Interaction($"e{i:0000}", An.Day(random.NextDouble() * 20), $"i{random.Next(70)}", $"u{random.Next(5)}",
                (InteractionType)random.Next(1, InteractionTypes.Count))).ToList();
            var builder = new AffinityBuilder();
            foreach (var source in log) builder.Add(source);
            var table = builder.Build(An.Day(20));
            var state = An.State(log);
            var reader = new FeatureReader(state, FeatureSchema.Standard) { Affinity = table };
            for (var user = 0; user < 6; user++)
            {
                // The list holds 100 interactions, dislikes among them; of these the newest 50 distinct liked items count.
                var liked = log.Cast<Interaction>().Where(act => act.User.Value == $"u{user}" && (act.Action.IsPositive() || act.Action.IsNegative()))
                    .OrderByDescending(act => act.Time.Milliseconds).ThenByDescending(act => act.Id.Value, StringComparer.Ordinal).Take(100)
                    .Where(act => act.Action.IsPositive()).Select(act => act.Item.Value).Distinct().Take(50).ToList();
                for (var item = 0; item < 72; item++)
                {
                    var strengths = liked.Select(own => table.Similar(own, 64).Where(near => near.Item == $"i{item}").Select(near => near.Strength).FirstOrDefault()).ToList();
                    var row = An.Row(reader, $"u{user}", An.Day(21), $"i{item}");
                    Assert.Equal(strengths.Sum(), An.Column(row, "affinity_sum"), 1e-4);
                    Assert.Equal(strengths.DefaultIfEmpty(0).Max(), An.Column(row, "affinity_max"), 1e-6);
                    Assert.Equal(strengths.Take(10).Sum(), An.Column(row, "affinity_latest"), 1e-5);
                }
            }
        }
    }

    [Fact]
    public void Read_OtherTable_ForgetsTheFirst()
    {
        var log = new List<Event>();
        foreach (var user in (string[])["u0", "u1", "u2"])
            for (var i = 0; i < 6; i++) log.Add(An.Interaction($"{user}{i}", An.Day(1), $"i{i}", user));
        var builder = new AffinityBuilder();
        foreach (var source in log) builder.Add(source);
        var reader = new FeatureReader(An.State(log), FeatureSchema.Standard) { Affinity = builder.Build(An.Day(2)) };
        Assert.True(An.Column(An.Row(reader, "u0", An.Day(3), "i1"), "affinity_sum") > 0);
        reader.Affinity = new AffinityBuilder().Build(An.Day(0));
        Assert.Equal(0, An.Column(An.Row(reader, "u0", An.Day(3), "i1"), "affinity_sum"));
        reader.Affinity = null;
        Assert.Equal(0, An.Column(An.Row(reader, "u0", An.Day(3), "i1"), "affinity_sum"));
    }
}
