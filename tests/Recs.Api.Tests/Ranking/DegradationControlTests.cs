using Microsoft.Extensions.Time.Testing;
using Recs.Api.Ranking;
using Recs.Ranker.Slates;

namespace Recs.Api.Tests.Ranking;

public sealed class DegradationControlTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly DegradationControl _control;

    public DegradationControlTests() => _control = new(_clock);

    [Fact]
    public void Choose_NothingMeasured_TriesTheBest() => Assert.Equal(Degradation.None, Choose(1));

    [Fact]
    public void Choose_NoTimeLeft_IsTheLast() => Assert.Equal(Degradation.Popularity, Choose(0));

    [Fact]
    public void Choose_TheBestThatFits()
    {
        Measure(Degradation.None, 500, 40);
        Measure(Degradation.FirstHeadOnly, 500, 20);
        Measure(Degradation.Counters, 500, 4);
        foreach (var (left, expected) in new[] { (50.0, Degradation.None), (30, Degradation.FirstHeadOnly), (10, Degradation.Counters), (2, Degradation.Popularity) })
            Assert.Equal(expected, Choose(left));
        Assert.Equal(Degradation.Counters, _control.Choose(TimeSpan.FromMilliseconds(50), 500, Degradation.Counters));
    }

    [Fact]
    public void Choose_CostGrowsWithCandidates_AndHasABeginning()
    {
        for (var i = 0; i < 100; i++)
            foreach (var candidates in new[] { 100, 500, 1_000 }) _control.Observe(Degradation.None, candidates, TimeSpan.FromMilliseconds(2 + candidates * 0.01));
        Assert.Equal(Degradation.None, _control.Choose(TimeSpan.FromMilliseconds(8), 500, Degradation.None));
        Assert.NotEqual(Degradation.None, _control.Choose(TimeSpan.FromMilliseconds(8), 2_000, Degradation.None));
        Assert.Equal(Degradation.None, _control.Choose(TimeSpan.FromMilliseconds(23), 2_000, Degradation.None));
        Assert.NotEqual(Degradation.None, _control.Choose(TimeSpan.FromMilliseconds(1.5), 0, Degradation.None));
    }

    [Fact]
    public void Choose_TheFirstRuns_AreNotBelieved()
    {
        for (var i = 0; i < 4; i++) _control.Observe(Degradation.None, 500, TimeSpan.FromSeconds(1));
        Assert.Equal(Degradation.None, Choose(5));
        Measure(Degradation.None, 500, 2);
        Assert.Equal(Degradation.None, Choose(5));
    }

    [Fact]
    public void Choose_SlowStep_IsTriedAgainAfterAWhileAndComesBack()
    {
        Measure(Degradation.None, 500, 100);
        Assert.NotEqual(Degradation.None, Choose(50));
        _clock.Advance(DegradationControl.HalfLife * 1.5);
        Assert.Equal(Degradation.None, Choose(50));
        // One slow run is enough to leave it out again; fast ones bring it back for good.
        _control.Observe(Degradation.None, 500, TimeSpan.FromMilliseconds(100));
        Assert.NotEqual(Degradation.None, Choose(50));
        for (var i = 0; i < 100; i++) _control.Observe(Degradation.None, 500, TimeSpan.FromMilliseconds(10));
        Assert.Equal(Degradation.None, Choose(50));
    }

    [Fact]
    public void Failed_SeveralInARow_RestsAndComesBack()
    {
        _control.Failed(Degradation.None);
        _control.Failed(Degradation.None);
        Assert.Equal(Degradation.None, Choose(50));
        _control.Failed(Degradation.None);
        Assert.Equal(Degradation.FirstHeadOnly, Choose(50));
        _clock.Advance(DegradationControl.Rest);
        Assert.Equal(Degradation.None, Choose(50));
        _control.Failed(Degradation.None);
        Assert.Equal(Degradation.FirstHeadOnly, Choose(50));
        _clock.Advance(DegradationControl.Rest);
        _control.Observe(Degradation.None, 500, TimeSpan.FromMilliseconds(1));
        _control.Failed(Degradation.None);
        Assert.Equal(Degradation.None, Choose(50));
    }

    private Degradation Choose(double milliseconds) => _control.Choose(TimeSpan.FromMilliseconds(milliseconds), 500, Degradation.None);

    private void Measure(Degradation step, int candidates, double milliseconds)
    {
        for (var i = 0; i < 20; i++) _control.Observe(step, candidates, TimeSpan.FromMilliseconds(milliseconds));
    }
}
