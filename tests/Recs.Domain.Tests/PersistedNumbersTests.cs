using Recs.Domain.Events;
using Recs.Domain.Items;
using Recs.Domain.Wire;

namespace Recs.Domain.Tests;

/// <summary>Numbers that reach the disk are frozen: a failure here means that stored data would change its meaning.</summary>
public sealed class PersistedNumbersTests
{
    [Fact]
    public void InteractionType_Numbers_AreFrozen() => AssertFrozen<InteractionType>(
        "Click=1 Dwell=2 Like=3 Share=4 Comment=5 Hide=6 Report=7 Conversion=8");

    [Fact]
    public void ItemKind_Numbers_AreFrozen() => AssertFrozen<ItemKind>("Content=1 Ad=2");

    [Fact]
    public void ItemStatus_Numbers_AreFrozen() => AssertFrozen<ItemStatus>("Active=1 Paused=2 Deleted=3");

    [Fact]
    public void BidUnit_Numbers_AreFrozen() => AssertFrozen<BidUnit>("Thousand=1 Click=2 Conversion=3");

    [Fact]
    public void RejectionReason_Numbers_AreFrozen() => AssertFrozen<RejectionReason>(
        "TooLarge=1 NotJson=2 UnknownType=3 UnknownSchema=4 MissingField=5 InvalidValue=6 FutureTime=7");

    [Fact]
    public void InteractionTypes_Count_IsTheGreatestNumberAndOne() =>
        Assert.Equal(InteractionTypes.Count, (int)Enum.GetValues<InteractionType>().Max() + 1);

    [Fact]
    public void ActionNames_EveryType_RoundTrip()
    {
        foreach (var type in Enum.GetValues<InteractionType>()) Assert.Equal(type, ActionNames.Parse(ActionNames.Of(type)));
        Assert.Equal(ActionNames.All, string.Join(", ", Enum.GetValues<InteractionType>().Select(ActionNames.Of)));
        Assert.Null(ActionNames.Parse("Click"));
        Assert.Null(ActionNames.Parse(null));
        Assert.Throws<ArgumentOutOfRangeException>(() => ActionNames.Of(0));
    }

    [Fact]
    public void Signs_EveryType_IsPositiveNegativeOrNeither()
    {
        var signs = Enum.GetValues<InteractionType>().Select(type => type.IsPositive() ? type.IsNegative() ? '?' : '+' : type.IsNegative() ? '-' : '0');
        Assert.Equal("+0+++--+", string.Concat(signs));
    }

    private static void AssertFrozen<T>(string expected) where T : struct, Enum =>
        Assert.Equal(expected, string.Join(' ', Enum.GetValues<T>().Select(value => $"{value}={Convert.ToInt32(value, null)}")));
}
