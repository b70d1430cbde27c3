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
            // Items are interned in another order than that of their ids, and few distinct times leave it to them to decide between many.
            var items = new Interner();
            foreach (var id in An.Shuffled(random, Enumerable.Range(0, 200).Select(i => $"i{i}"))) items.Intern(id);
            var interactions = Enumerable.Range(0, count)
                .Select(_ => new RecentInteraction(random.Next(200), random.Next(2) == 0 ? InteractionType.Click : InteractionType.Hide, An.Day(random.Next(30)))).ToList();
            var list = new RecentList();
            foreach (var interaction in An.Shuffled(random, interactions)) list.Add(interaction, items);
            var expected = interactions.OrderBy(entry => entry.Time.Milliseconds).ThenBy(entry => items[entry.Item], StringComparer.Ordinal).ThenBy(entry => entry.Type).TakeLast(RecentList.Capacity);
            Assert.Equal(expected, list.Entries.ToArray());
        }
    }
}
