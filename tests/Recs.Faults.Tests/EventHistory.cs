using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Items;
using Recs.Ingest;
using Recs.Pipelines.Import;
using Recs.Features.State;

namespace Recs.Faults.Tests;

/// <summary>A seeded history of distinct events, what is sent of it, and what must come of that: computed here, without stream and store.</summary>
internal sealed class EventHistory
{
    private static readonly Timestamp Start = Timestamp.From(new DateTimeOffset(2024, 3, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly Fact[] _facts;
    private readonly IReadOnlyList<int> _order;
    private readonly FaultPlan _plan;

    public EventHistory(FaultPlan plan)
    {
        _plan = plan;
        var random = new Random(plan.Seed);
        // Ten days whatever the size: an hour's window then holds a good part of a small history too.
        var step = TimeSpan.FromDays(10) / plan.Events;
        _facts = [.. Enumerable.Range(0, plan.Events).Select(number => Some(number, Start.Plus(step * number), random))];
        _order = new Disturbance(Duplicate: 0.1, ShuffleSeconds: 3_600, plan.Garbage, plan.Seed).Order(_facts);
    }

    /// <summary>Messages that are sent: the events, their resends and the garbage.</summary>
    public int Messages => _order.Count;

    /// <summary>Events that are sent a second time.</summary>
    public int Resent => _order.Count - _facts.Length - _plan.Garbage;

    /// <summary>The digest of the distinct events, folded one after the other.</summary>
    public string Digest() => FoldedState.Of(_facts.Select(fact => fact.Event)).Digest();

    /// <summary>What is sent, in order, cut into so many parts of random sizes.</summary>
    public IEnumerable<IReadOnlyList<RawMessage>> Parts(int count, EventProducer producer, Topics topics)
    {
        var cuts = new Random(_plan.Seed + 1);
        int[] ends = [.. Enumerable.Range(0, count - 1).Select(_ => cuts.Next(_order.Count)).Order(), _order.Count];
        var (garbage, near, at) = (new GarbageMessages(topics, _plan.Seed), _facts[0], 0);
        foreach (var end in ends)
        {
            var part = new List<RawMessage>(end - at);
            for (; at < end; at++)
            {
                if (_order[at] >= 0) near = _facts[_order[at]];
                part.Add(_order[at] < 0 ? garbage.Next(near) : producer.ToRaw(near));
            }
            yield return part;
        }
    }

    private static Fact Some(int number, Timestamp time, Random random)
    {
        var id = new EventId($"e{number}");
        var user = new UserId($"u{random.Next(5_000)}");
        var item = new ItemId($"i{random.Next(1_000)}");
        Event source = random.Next(100) switch
        {
            < 2 => new ItemUpserted(id, time, new Item { Id = item, Title = $"Item {number}", Category = $"c{random.Next(20)}", Tags = ["a", "b"] }),
            < 5 => new UserUpserted(id, time, user, new AttributeSet([KeyValuePair.Create("country", $"land {random.Next(30)}")])),
            < 45 => new Impression(id, time, new RequestId($"r{number}"), user, "home",
                [.. Enumerable.Range(0, 1 + random.Next(3)).Select(place => new ShownItem(new ItemId($"i{(number + (place * 7)) % 1_000}"), place + 1, 0.5, 0))]),
            < 90 => new Interaction(id, time, null, user, item, InteractionType.Click, 0, 0),
            _ => new Interaction(id, time, null, user, item, InteractionType.Conversion, random.Next(1, 1_000_000), 0),
        };
        return new Fact(source, time);
    }
}
