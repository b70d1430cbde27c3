using Recs.Domain.Events;
using Recs.Features.State;

namespace Recs.Features.Tests.State;

public sealed class RecentListTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(99)]
    [InlineData(100)]
    [InlineData(101)]
    [InlineData(350)]
    public void Add_AnyOrder_KeepsTheNewestHundredOldestFirst(int count)
    {
        var random = new Random(count);
        for (var round = 0; round < 20; round++)
        {
            // Few distinct times: the event id decides between many.
            var interactions = Enumerable.Range(0, count)
                .Select(i => new RecentInteraction(i, InteractionType.Click, An.Day(random.Next(30)), new($"e{i:000}"))).ToList();
            var list = new RecentList();
            foreach (var interaction in An.Shuffled(random, interactions)) list.Add(interaction);
            var expected = interactions.OrderBy(entry => entry.Time.Milliseconds).ThenBy(entry => entry.EventId.Value, StringComparer.Ordinal).TakeLast(RecentList.Capacity);
            Assert.Equal(expected, list.Entries.ToArray());
        }
    }
}
