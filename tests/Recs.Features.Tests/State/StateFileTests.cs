using Recs.Domain;
using Recs.Domain.Events;
using Recs.Features.State;

namespace Recs.Features.Tests.State;

public sealed class StateFileTests
{
    [Fact]
    public void Write_AnyOrderOfTheSameEvents_IsTheSameBytesAndReadsBack()
    {
        var random = new Random(7);
        var log = An.Log(random, 2_000);
        var folded = FoldedState.Of(log);
        var bytes = Bytes(folded);
        Assert.Equal(bytes, Bytes(FoldedState.Of(An.Shuffled(random, log))));
        var read = StateFile.Read(new MemoryStream(bytes));
        Assert.Equal(folded.Digest(), read.Digest());
        Assert.Equal((folded.Facts, folded.Items, folded.Users, folded.FeatureRows), (read.Facts, read.Items, read.Users, read.FeatureRows));
        Assert.Equal(folded.Events, read.Events);
        Assert.Equal(bytes, Bytes(read));
    }

    [Fact]
    public void Read_ThenTheRest_IsTheFoldOfAll()
    {
        var random = new Random(8);
        var log = An.Shuffled(random, An.Log(random, 1_500));
        foreach (var cut in new[] { 0, 1, 700, log.Length })
        {
            var state = StateFile.Read(new MemoryStream(Bytes(FoldedState.Of(log[..cut]))));
            foreach (var source in log[cut..]) state.Apply(source);
            Assert.Equal(FoldedState.Of(log).Digest(), state.Digest());
        }
    }

    [Fact]
    public void Read_AnyByteDamagedOrMissing_IsRefused()
    {
        var random = new Random(9);
        var bytes = Bytes(FoldedState.Of(An.Log(random, 200)));
        for (var i = 0; i < 200; i++)
        {
            var damaged = bytes.ToArray();
            damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            Refused(damaged);
            Refused(bytes[..random.Next(bytes.Length)]);
        }

        void Refused(byte[] damaged)
        {
            try
            {
                // A bit behind the last number may be padding of the compression: then what is read must be whole.
                Assert.Equal(bytes, Bytes(StateFile.Read(new MemoryStream(damaged))));
            }
            catch (RefusedException refused)
            {
                Assert.Contains("snapshot", refused.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Forget_EveryUser_IsTheFoldOfTheOthers()
    {
        var random = new Random(10);
        var log = An.Log(random, 1_500);
        var newest = log.MaxBy(source => source.Time)!;
        var (forgotten, refused) = (0, 0);
        foreach (var user in log.Select(UserOf).OfType<string>().Distinct())
        {
            var folded = FoldedState.Of(log);
            Event[] theirs = [.. log.Where(source => UserOf(source) == user)];
            if (folded.Forget(new UserId(user), theirs))
            {
                forgotten++;
                Assert.Equal(FoldedState.Of(log.Except(theirs)).Digest(), folded.Digest());
                Assert.False(folded.State.Knows(new UserId(user)));
                // They may come back as somebody new.
                folded.Apply(theirs[0]);
                Assert.Equal(FoldedState.Of(log.Except(theirs).Append(theirs[0])).Digest(), folded.Digest());
            }
            else
            {
                refused++;
                Assert.Equal(newest.Time, theirs.Max(source => source.Time));
                Assert.Equal(FoldedState.Of(log).Digest(), folded.Digest());
            }
        }
        Assert.InRange(forgotten, 5, int.MaxValue);
        Assert.InRange(refused, 0, 1);
    }

    [Fact]
    public void Tally_AddAndRemove_IsOrderFreeAndExact()
    {
        var random = new Random(11);
        var log = An.Log(random, 500);
        var (tally, other) = (new EventTally(), new EventTally());
        foreach (var source in log) tally.Add(source);
        foreach (var source in An.Shuffled(random, log)) other.Add(source);
        Assert.Equal(tally.ToBytes(), other.ToBytes());
        Assert.Equal(tally.ToBytes(), EventTally.Read(tally.ToBytes()).ToBytes());
        other.Remove(log[3]);
        Assert.NotEqual(tally.ToBytes(), other.ToBytes());
        other.Add(log[3]);
        Assert.Equal(tally.ToBytes(), other.ToBytes());
        // Every field of what has a form of its own counts.
        var shown = new Impression(new("e"), An.Day(1), new("r"), new("u"), "home", [new(new("i"), 1, 0.5, 7)]);
        var clicked = new Interaction(new("e"), An.Day(1), new("r"), new("u"), new("i"), InteractionType.Click, 1, 2);
        Event[] all =
        [
            shown, shown with { Id = new("f") }, shown with { Time = An.Day(2) }, shown with { Request = new("s") }, shown with { User = new("v") }, shown with { Surface = "x" },
            shown with { Items = [new(new("j"), 1, 0.5, 7)] }, shown with { Items = [new(new("i"), 2, 0.5, 7)] }, shown with { Items = [new(new("i"), 1, 0.25, 7)] },
            shown with { Items = [new(new("i"), 1, null, 7)] }, shown with { Items = [new(new("i"), 1, 0.5, 8)] }, shown with { Items = [.. shown.Items, .. shown.Items] },
            clicked, clicked with { Id = new("f") }, clicked with { Time = An.Day(2) }, clicked with { Request = null }, clicked with { User = new("v") }, clicked with { Item = new("j") },
            clicked with { Action = InteractionType.Like }, clicked with { ValueMicros = 2 }, clicked with { DwellMilliseconds = 3 },
        ];
        Assert.Equal(all.Length, all.Select(One).Distinct().Count());

        static string One(Event source)
        {
            var one = new EventTally();
            one.Add(source);
            return Convert.ToHexString(one.ToBytes());
        }
    }

    private static byte[] Bytes(FoldedState folded)
    {
        using var stream = new MemoryStream();
        StateFile.Write(folded, stream);
        return stream.ToArray();
    }

    private static string? UserOf(Event source) => source switch
    {
        UserUpserted user => user.User.Value,
        Impression impression => impression.User.Value,
        Interaction interaction => interaction.User.Value,
        _ => null,
    };
}
