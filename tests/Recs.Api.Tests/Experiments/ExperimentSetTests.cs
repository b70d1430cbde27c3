using Recs.Api.Experiments;
using Recs.Domain;
using Recs.Ranker.Slates;

namespace Recs.Api.Tests.Experiments;

public sealed class ExperimentSetTests
{
    private const int Users = 40_000;

    private static readonly ExperimentLayer Ads = new("ads", [new("control", 0.5), new("many", 0.3) { Policy = new Dictionary<string, double> { ["ads.share"] = 0.4 } }]);
    private static readonly ExperimentLayer Feed = new("feed", [new("control", 0.5), new("diverse", 0.5) { Policy = new Dictionary<string, double> { ["feed.diversity"] = 0.3 } }]);

    [Fact]
    public void ArmOf_Shares_AreKeptWithinChance()
    {
        var counts = People().CountBy(Ads.ArmOf).ToDictionary();
        foreach (var (arm, share) in new[] { (0, 0.5), (1, 0.3), (-1, 0.2) })
            // Five standard deviations of a binomial: by chance once in two million, and the users are always the same.
            Assert.InRange(counts[arm], Users * share - 5 * Math.Sqrt(Users * share * (1 - share)), Users * share + 5 * Math.Sqrt(Users * share * (1 - share)));
    }

    [Fact]
    public void ArmOf_Layers_AreIndependent()
    {
        // χ² of the contingency table with (3 − 1)(2 − 1) degrees of freedom; 20.5 is its upper 1 / 28,000.
        var table = People().CountBy(user => (Ads.ArmOf(user), Feed.ArmOf(user))).ToDictionary();
        var statistic = 0.0;
        foreach (var ads in new[] { -1, 0, 1 })
            foreach (var feed in new[] { 0, 1 })
            {
                var expected = table.Where(cell => cell.Key.Item1 == ads).Sum(cell => cell.Value) * (double)table.Where(cell => cell.Key.Item2 == feed).Sum(cell => cell.Value) / Users;
                statistic += Math.Pow(table[(ads, feed)] - expected, 2) / expected;
            }
        Assert.InRange(statistic, 0, 20.5);
    }

    [Fact]
    public void ArmOf_AnotherLayerChanges_NobodyMoves()
    {
        var alone = new ExperimentSet([Ads]);
        var beside = new ExperimentSet([Feed, Ads]);
        foreach (var user in People().Take(2_000))
            Assert.Equal(Arm(alone, user, "ads"), Arm(beside, user, "ads"));
        // A new salt draws everybody anew, a new arm at the end nobody of the others.
        var drawn = Ads with { Salt = "second run" };
        Assert.InRange(People().Take(2_000).Count(user => drawn.ArmOf(user) == Ads.ArmOf(user)), 500, 1_100);
        var grown = Ads with { Arms = [.. Ads.Arms, new("third", 0.2)] };
        Assert.All(People().Take(2_000).Where(user => Ads.ArmOf(user) >= 0), user => Assert.Equal(Ads.ArmOf(user), grown.ArmOf(user)));
        Assert.All(People().Take(2_000), user => Assert.InRange(grown.ArmOf(user), 0, 2));
    }

    [Fact]
    public void ArmOf_KnownUsers_StayWhereTheyAre()
    {
        // Made by: printf 'ads\0u1' | sha256sum, the first 53 bits over 2^53. A change of the hash would move people between arms of running experiments.
        Assert.Equal(ByHand("ads", "u1"), Ads.Point(new("u1")));
        Assert.Equal(ByHand("ads", "ü" + new string('x', 2_000)), Ads.Point(new("ü" + new string('x', 2_000))));

        static double ByHand(string salt, string user) =>
            Convert.ToUInt64(Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(salt + "\0" + user)))[..16], 16) / 2048 / 9007199254740992.0;
    }

    [Fact]
    public void ArmOf_Stopped_IsNone() => Assert.All(People().Take(500), user => Assert.Equal(-1, (Ads with { IsStopped = true }).ArmOf(user)));

    [Fact]
    public void Combination_NumbersAndArms_BelongTogether()
    {
        var set = new ExperimentSet([Ads, Feed]);
        Assert.Equal(9, set.Rankers);
        foreach (var user in People().Take(500))
            Assert.Equal(new[] { Ads, Feed }.Where(layer => layer.ArmOf(user) >= 0).Select(layer => (layer.Name, layer.Arms[layer.ArmOf(user)].Name)),
                set.ArmsOf(set.CombinationOf(user)).Select(pair => (pair.Layer.Name, pair.Arm.Name)));
        Assert.Equal(9, Enumerable.Range(0, 9).Select(number => string.Join(' ', set.ArmsOf(number).Select(pair => pair.Layer.Name + pair.Arm.Name))).Distinct().Count());
    }

    [Fact]
    public void Applied_Settings_ByTheirNames()
    {
        var arm = new ExperimentArm("a", 1) { Policy = new Dictionary<string, double> { ["ads.share"] = 0.4, ["value.weights.click"] = 2, ["ads.quality.hide"] = -3 } };
        var changed = new SlatePolicy().Difference(arm.Applied(new SlatePolicy()));
        Assert.Equal(["ads.quality.hide: (none) → -3", "ads.share: 0.2 → 0.4", "value.weights.click: (none) → 2"], changed);
    }

    public static TheoryData<string, ExperimentLayer[]> Bad => new()
    {
        { "no arms", [new("a", [])] },
        { "range over 0 to 1", [new("a", [new("x", 0)])] },
        { "range over 0 to 1", [new("a", [new("x", double.NaN)])] },
        { "1.2 together", [new("a", [new("x", 0.6), new("y", 0.6)])] },
        { "twice among the layers", [new("a", [new("x", 1)]), new("a", [new("x", 1)]) ] },
        { "twice among the salts", [new("a", [new("x", 1)]), new("b", [new("x", 1)]) { Salt = "a" }] },
        { "twice among the arms", [new("a", [new("x", 0.1), new("x", 0.1)])] },
        { "a name of 0 characters", [new("", [new("x", 1)])] },
        { "near it: ads.share", [new("a", [new("x", 1) { Policy = new Dictionary<string, double> { ["ads.shares"] = 1 } }])] },
        { "both 'a' and 'b' change ads.share", [new("a", [new("x", 1) { Policy = new Dictionary<string, double> { ["ads.share"] = 0.1 } }]), new("b", [new("x", 1) { Policy = new Dictionary<string, double> { ["ads.share"] = 0.2 } }])] },
        { "change the model", [new("a", [new("x", 1) { Model = "m" }]), new("b", [new("x", 1) { Model = "m" }])] },
        { "limit 1024", [.. Enumerable.Range(0, 11).Select(i => new ExperimentLayer($"l{i}", [new("x", 1)]))] },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void Set_Bad_IsRefusedWithItsReason(string says, ExperimentLayer[] layers) =>
        Assert.Contains(says, Assert.Throws<RefusedException>(() => new ExperimentSet(layers)).Message, StringComparison.Ordinal);

    private static IEnumerable<UserId> People() => Enumerable.Range(0, Users).Select(i => new UserId($"user-{i}"));

    private static string? Arm(ExperimentSet set, UserId user, string layer) => set.ArmsOf(set.CombinationOf(user)).FirstOrDefault(pair => pair.Layer.Name == layer).Arm?.Name;
}
