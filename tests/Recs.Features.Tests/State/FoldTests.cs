using Recs.Domain.Events;
using Recs.Features.State;

namespace Recs.Features.Tests.State;

/// <summary>The state is a pure fold: any order of the same events gives the same digest, any other events another.</summary>
public sealed class FoldTests
{
    [Fact]
    public void Digest_AnyShuffle_IsTheSame()
    {
        for (var seed = 1; seed <= 30; seed++)
        {
            var random = new Random(seed);
            var log = An.Log(random, 400);
            var expected = An.Digest(log);
            Assert.Equal(64, expected.Length);
            for (var shuffle = 0; shuffle < 4; shuffle++) Assert.Equal(expected, An.Digest(An.Shuffled(random, log)));
            Assert.Equal(expected, An.Digest([.. log.OrderBy(source => source.Time.Milliseconds)]));
            Assert.Equal(expected, An.Digest([.. log.OrderByDescending(source => source.Time.Milliseconds)]));
        }
    }

    [Fact]
    public void Rows_AnyShuffle_AreBitEqual()
    {
        var random = new Random(5);
        var log = An.Log(random, 500);
        var vectors = new Features.Embedding.ItemVectors(An.Vectors(random, 20));
        var (one, other) = (Reader(log), Reader(An.Shuffled(random, log)));
        for (var i = 0; i < 300; i++)
        {
            var (user, now, item) = ($"u{random.Next(9)}", An.Day(random.NextDouble() * 220), $"i{random.Next(27)}");
            Assert.Equal(An.Row(one, user, now, item), An.Row(other, user, now, item));
        }

        FeatureReader Reader(IReadOnlyList<Event> events)
        {
            // The table does not see the shuffle: it is no part of the state.
            var builder = new Features.Affinity.AffinityBuilder();
            foreach (var source in log) builder.Add(source);
            return new(An.State(events), FeatureSchema.Standard) { Vectors = vectors, Affinity = builder.Build(An.Day(300)) };
        }
    }

    [Fact]
    public void Settle_InTheMiddleOfAFold_ChangesNothingThatIsRead()
    {
        var random = new Random(6);
        var log = An.Log(random, 500);
        var (settled, other) = (An.State(log[..300]), An.State(log));
        // Sums are kept by readers: what was read before must not be read again.
        var reader = new FeatureReader(settled, FeatureSchema.Standard);
        for (var item = 0; item < 27; item++) An.Row(reader, "u1", An.Day(220), $"i{item}");
        settled.Settle();
        foreach (var source in log[300..]) settled.Apply(source);
        settled.Settle();
        Assert.Equal(StateDigest.Compute(other, new()), StateDigest.Compute(settled, new()));
        var unsettled = new FeatureReader(other, FeatureSchema.Standard);
        for (var i = 0; i < 200; i++)
        {
            var (user, now, item) = ($"u{random.Next(9)}", An.Day(200 + random.NextDouble() * 20), $"i{random.Next(27)}");
            Assert.Equal(An.Row(unsettled, user, now, item), An.Row(reader, user, now, item));
        }
    }

    [Fact]
    public void Digest_OneEventDropped_Differs()
    {
        var log = An.Log(new Random(2), 60);
        var seen = new HashSet<string> { An.Digest(log) };
        for (var i = 0; i < log.Count; i++) Assert.True(seen.Add(An.Digest([.. log.Where((_, at) => at != i)])), $"without event {i}");
    }

    [Fact]
    public void Digest_OneEventChanged_Differs()
    {
        var log = An.Log(new Random(3), 60);
        var seen = new HashSet<string> { An.Digest(log) };
        for (var i = 0; i < log.Count; i++)
        {
            var changed = log.ToList();
            changed[i] = Changed(log[i]);
            Assert.True(seen.Add(An.Digest(changed)), $"event {i} changed: {log[i]}");
        }

        static Event Changed(Event source) => source switch
        {
            ItemUpserted item => item with { Item = item.Item with { Body = "other" } },
            UserUpserted user => user with { Attributes = new([new("country", "Elsewhere")]) },
            Impression shown => shown with { Surface = "elsewhere" },
            Interaction acted => acted with { ValueMicros = acted.ValueMicros + 1 },
            _ => throw new InvalidOperationException(),
        };
    }

    [Fact]
    public void Digest_StateLacksOneEvent_Differs()
    {
        // The events are all told, one is not folded: the part over the state alone must notice. Superseded versions leave no trace but
        // their first time, so the log holds each item and user version once.
        Event[] log =
        [
            An.Item("e1", An.Day(1), "i1"), An.Item("e2", An.Day(2), "i2"), An.User("e3", An.Day(1), "u1"),
            An.Impression("e4", An.Day(3), "u1", "i1", "i2"), An.Impression("e5", An.Day(3), "u2", "i1"),
            An.Interaction("e6", An.Day(3), "i1", "u1"), An.Interaction("e7", An.Day(3), "i1", "u1", InteractionType.Hide),
            An.Interaction("e8", An.Day(4), "i2", "u1", InteractionType.Conversion, 5), An.Interaction("e9", An.Day(150), "i2", "u2", InteractionType.Dwell, 0, 7),
        ];
        var whole = An.Digest(log);
        for (var i = 0; i < log.Length; i++) Assert.NotEqual(whole, An.Digest(log, [.. log.Where((_, at) => at != i)]));
        Assert.NotEqual(whole, An.Digest(log, [.. log, log[5]]));
    }

    [Fact]
    public void Digest_Reading_LeavesItAsItWas()
    {
        var random = new Random(4);
        var log = An.Log(random, 300);
        var state = An.State(log);
        var before = Compute();
        var vectors = new Features.Embedding.ItemVectors(An.Vectors(random, 20));
        var reader = new FeatureReader(state, FeatureSchema.Standard) { Vectors = vectors };
        for (var i = 0; i < 200; i++) An.Row(reader, $"u{random.Next(20)}", An.Day(random.NextDouble() * 300), $"i{random.Next(50)}");
        _ = (state.AllItems(), state.Lists(An.Day(100)), state.RecentItems(new("u1"), 5), state.PastItems(new("u1"), 5), state.FindItem(new("new")), state.Knows(new("new")));
        Assert.Equal(before, Compute());

        string Compute()
        {
            var tally = new EventTally();
            foreach (var source in log) tally.Add(source);
            return StateDigest.Compute(state, tally);
        }
    }

    [Fact]
    public void CountSeries_SmallState_IsCountedByHand()
    {
        var state = An.State([An.Impression("e1", An.Day(1), "u1", "i1", "i2"), An.Interaction("e2", An.Day(1), "i1", "u1"), An.Interaction("e3", An.Day(2), "i1", "u1")]);
        // impression: i1, i2, u1, all; click: i1, u1, all
        Assert.Equal(7, StateDigest.CountSeries(state));
    }

    [Fact]
    public void Newest_AnyOrder_IsTheLatestTime() =>
        Assert.Equal(An.Day(9), An.State([An.User("e1", An.Day(3)), An.User("e2", An.Day(9)), An.User("e3", An.Day(5))]).Newest);

    [Fact]
    public void Catalogue_AnyOrder_NewestVersionWinsAndTiesGoToTheGreaterId()
    {
        ItemUpserted[] versions =
        [
            An.Item("e1", An.Day(1), title: "first"), An.Item("e9", An.Day(2), title: "older"),
            An.Item("e3", An.Day(5), title: "tie, smaller id"), An.Item("e4", An.Day(5), title: "winner"),
        ];
        foreach (var order in Permutations(versions))
        {
            var state = An.State(order);
            Assert.Equal("winner", state.FindItem(new("i0"))!.Title);
            Assert.Equal((An.Day(1), 1), (state.Catalogue.Find(0)!.Created, state.ItemCount));
        }
    }

    [Fact]
    public void UserRegister_AnyOrder_NewestVersionWinsAndTiesGoToTheGreaterId()
    {
        UserUpserted[] versions =
            [An.User("e9", An.Day(1), country: "older"), An.User("e1", An.Day(5), country: "tie, smaller id"), An.User("e2", An.Day(5), country: "winner")];
        foreach (var order in Permutations(versions)) Assert.Equal("winner", An.State(order).UserAttribute(new("u0"), "country"));
        Assert.Null(An.State(versions).UserAttribute(new("u1"), "country"));
    }

    [Fact]
    public void RecentItems_AndPastItems_AreNewestFirst()
    {
        var state = An.State(
        [
            An.Interaction("e1", An.Day(1), "a"), An.Interaction("e2", An.Day(2), "b"), An.Interaction("e3", An.Day(3), "c", action: InteractionType.Hide),
            An.Interaction("e4", An.Day(3), "d"), An.Interaction("e5", An.Day(3.2), "e"), An.Interaction("e6", An.Day(3.1), "d"), An.Interaction("e7", An.Day(4), "a"),
        ]);
        Assert.Equal(["a", "e", "d"], state.RecentItems(new("u0"), 3).Select(item => item.Value));
        Assert.Equal(["a", "d", "e", "b"], state.PastItems(new("u0"), 9).Select(item => item.Value));
        Assert.Empty(state.RecentItems(new("nobody"), 3));
        Assert.Empty(state.PastItems(new("nobody"), 3));
    }

    private static IEnumerable<T[]> Permutations<T>(T[] values)
    {
        if (values.Length <= 1)
        {
            yield return values;
            yield break;
        }
        for (var i = 0; i < values.Length; i++)
            foreach (var rest in Permutations<T>([.. values[..i], .. values[(i + 1)..]]))
                yield return [values[i], .. rest];
    }
}
