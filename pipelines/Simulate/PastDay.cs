using System.Globalization;
using Recs.Domain;
using Recs.Domain.Events;

namespace Recs.Pipelines.Simulate;

/// <summary>The day before: slates at random, as a site has them that knows nothing yet. It is what the first model learns from.</summary>
internal static class PastDay
{
    private const int Places = 10;

    /// <summary>Items at the beginning of the day, then visits with what was shown and done, in order of time.</summary>
    /// <param name="world">Who and what.</param>
    /// <param name="visits">How many.</param>
    /// <param name="day">The UTC day, see <see cref="Timestamp.DayIndex"/>.</param>
    /// <param name="seed">Decides everything.</param>
    public static IEnumerable<Fact> Facts(World world, int visits, int day, int seed)
    {
        var start = Timestamp.OfDay(day);
        for (var i = 0; i < world.Content.Count; i++)
        {
            // Two in three are old; the rest come into being with the simulated day.
            var created = i % 3 == 2 ? Timestamp.OfDay(day + 1).Plus(TimeSpan.FromHours(-1)) : start;
            yield return new Fact(new ItemUpserted(new($"past-{world.Content[i].Id}"), created, world.Content[i]), start);
        }
        var random = new Random(seed);
        for (var visit = 0; visit < visits; visit++)
        {
            var time = start.Plus(TimeSpan.FromDays((visit + 0.5) / visits));
            var user = world.SomeUser(random);
            var request = new RequestId(string.Create(CultureInfo.InvariantCulture, $"past-{visit}"));
            var known = new UserId(World.UserName(user));
            int[] shown = [.. Enumerable.Range(0, Places * 2).Select(_ => random.Next(world.Content.Count / 3) * 3 + random.Next(2)).Where(i => i < world.Content.Count).Distinct().Take(Places)];
            yield return new Fact(new Impression(new($"{request}-shown"), time, request, known, "home", [.. shown.Select((item, at) => new ShownItem(world.Content[item].Id, at + 1, 1.0 * Places / world.Content.Count, 0))]), time);
            for (var at = 0; at < shown.Length; at++)
            {
                var moment = time.Plus(TimeSpan.FromSeconds(at + 1));
                foreach (var action in Visitor.Act(at + 1, world.Appeal(user, shown[at]), random))
                    yield return new Fact(new Interaction(new(string.Create(CultureInfo.InvariantCulture, $"{request}-{at}-{action}")), moment, request, known, world.Content[shown[at]].Id, action, 0, 0), moment);
            }
        }
    }
}
