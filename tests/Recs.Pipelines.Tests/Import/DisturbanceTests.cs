using Recs.Pipelines.Import;
using Recs.Pipelines.Tests.State;

namespace Recs.Pipelines.Tests.Import;

public sealed class DisturbanceTests
{
    [Fact]
    public void Order_NothingAsked_OrderKept()
    {
        var facts = SmallStore.Facts();
        Assert.Equal(Enumerable.Range(0, facts.Count), new Disturbance(0, 0, 0, 1).Order(facts));
    }

    [Fact]
    public void Order_EverythingAsked_EachSentAndResentInItsTurn()
    {
        var facts = SmallStore.Facts();
        var order = new Disturbance(1, 0, 9, 1).Order(facts);
        Assert.Equal(9, order.Count(index => index < 0));
        Assert.All(Enumerable.Range(0, facts.Count), index => Assert.Equal(2, order.Count(sent => sent == index)));
        Assert.Equal(Enumerable.Range(0, facts.Count), order.Where(index => index >= 0).Distinct());
    }

    [Fact]
    public void Order_Windows_NoFactLeavesItsOwn()
    {
        var facts = SmallStore.Facts();
        const int Window = 6 * 3_600;
        var order = new Disturbance(0, Window, 0, 1).Order(facts);
        Assert.NotEqual(Enumerable.Range(0, facts.Count), order);
        var windows = order.Select(index => facts[index].Known.Seconds / Window).ToList();
        Assert.Equal(windows.Order(), windows);
    }

    [Fact]
    public void Order_SameSeed_Same()
    {
        var facts = SmallStore.Facts();
        Assert.Equal(new Disturbance(0.4, 7_200, 5, 8).Order(facts), new Disturbance(0.4, 7_200, 5, 8).Order(facts));
        Assert.NotEqual(new Disturbance(0.4, 7_200, 5, 8).Order(facts), new Disturbance(0.4, 7_200, 5, 9).Order(facts));
    }
}
