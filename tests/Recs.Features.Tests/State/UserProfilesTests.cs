using Recs.Domain;
using Recs.Domain.Events;
using Recs.Features.Counting;
using Recs.Features.State;

namespace Recs.Features.Tests.State;

public sealed class UserProfilesTests
{
    [Fact]
    public void ForUpdate_ManyMoreUsersThanAreUnpacked_EachHoldsWhatOneThatWasNeverPackedHolds()
    {
        var (random, items) = (new Random(3), new Interner());
        for (var item = 0; item < 50; item++) items.Intern($"i{random.Next()}");
        var (profiles, plain) = (new UserProfiles(), Enumerable.Range(0, 3_000).Select(_ => new UserProfile()).ToArray());
        var newest = An.Day(0);
        for (var step = 0; step < 40_000; step++)
        {
            // Time runs on for half a year, with stragglers.
            var time = An.Day(step / 200.0 - random.NextDouble() * 5);
            if (time > newest) newest = time;
            var (user, item, value) = (random.Next(plain.Length), random.Next(50), random.Next(1_000_000_000));
            foreach (var profile in (UserProfile[])[profiles.ForUpdate(user, newest), plain[user]])
            {
                profile.Counters.Add(CounterScope.Impression, time, 0, 10, newest);
                profile.Counters.Add((int)InteractionType.Conversion, time, value, 1, newest);
                profile.Recents.Add(new(item, InteractionType.Conversion, time), items);
                (user % 2 == 0 ? profile.Liked : profile.Disliked).Add(item, time, 1);
            }
        }
        for (var user = 0; user < plain.Length; user++) Assert.Equal(Describe(plain[user], newest), Describe(profiles.Read(user), newest));
        Assert.Equal(Describe(new(), newest), Describe(profiles.Read(plain.Length), newest));
        Assert.Equal(Describe(new(), newest), Describe(profiles.Read(-1), newest));
    }

    [Fact]
    public void Remove_PackedOrNot_LeavesNothing()
    {
        var profiles = new UserProfiles();
        for (var user = 0; user < 2_000; user++) profiles.ForUpdate(user, An.Day(1)).Liked.Add(7, An.Day(1), 1);
        profiles.Remove(3);
        profiles.Remove(1_999);
        Assert.Equal([0, 1, 0], new[] { 3, 4, 1_999 }.Select(user => profiles.Read(user).Liked.Count));
        profiles.ForUpdate(3, An.Day(1)).Liked.Add(8, An.Day(1), 1);
        Assert.Equal(8, Assert.Single(profiles.Read(3).Liked.Runs).Item);
    }

    [Fact]
    public void Pack_ExtremeNumbers_ComeBack()
    {
        var profile = new UserProfile();
        profile.Counters.Set(2, TileSeries.Restore(long.MaxValue, -5, [new Tile(500_000, int.MaxValue, long.MaxValue, long.MinValue)], [new Tile(20_000, -1, -1, -1), new Tile(20_001, 1, 0, 0)]));
        profile.Recents.Restore(new(int.MaxValue, (InteractionType)1, new Timestamp(0)));
        profile.Recents.Restore(new(0, (InteractionType)2, new Timestamp(253_402_300_799_999)));
        profile.Disliked.Add(int.MaxValue, An.Day(3), 1);
        Assert.Equal(Describe(profile, An.Day(0)), Describe(ProfilePacking.Unpack(new ProfilePacking().Pack(profile, An.Day(0))), An.Day(0)));
    }

    private static string Describe(UserProfile profile, Timestamp newest)
    {
        var counters = Enumerable.Range(0, InteractionTypes.Count).Where(kind => profile.Counters.Find(kind) is not null).Select(kind =>
        {
            var series = profile.Counters.Find(kind)!;
            return $"{kind}: {series.Count} {series.Value} h {string.Join(' ', series.HourTiles(newest).ToArray())} d {string.Join(' ', series.DayTiles(newest).ToArray())}";
        });
        return $"{string.Join('\n', counters)}\n{string.Join(' ', profile.Recents.Entries.ToArray())}\n{Days(profile.Liked)}\n{Days(profile.Disliked)}";

        static string Days(ItemDays days) => $"{days.Count} {days.FirstDay} {string.Join(' ', days.ItemOfTile.ToArray())} {string.Join(' ', days.AllTiles.ToArray())}";
    }
}
