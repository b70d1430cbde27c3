namespace Recs.Domain.Tests;

public sealed class TimestampTests
{
    [Theory]
    [InlineData(0, 0, 0, 0)]
    [InlineData(999, 0, 0, 0)]
    [InlineData(-1, -1, -1, -1)]
    [InlineData(-1_000, -1, -1, -1)]
    [InlineData(-1_001, -2, -1, -1)]
    [InlineData(3_600_000, 3_600, 1, 0)]
    [InlineData(-3_600_000, -3_600, -1, -1)]
    [InlineData(-3_600_001, -3_601, -2, -1)]
    [InlineData(86_399_999, 86_399, 23, 0)]
    [InlineData(86_400_000, 86_400, 24, 1)]
    [InlineData(-86_400_000, -86_400, -24, -1)]
    [InlineData(-86_400_001, -86_401, -25, -2)]
    public void Indexes_AnyMoment_RoundDown(long milliseconds, long seconds, int hour, int day)
    {
        var time = new Timestamp(milliseconds);
        Assert.Equal((seconds, hour, day), (time.Seconds, time.HourIndex, time.DayIndex));
    }

    [Fact]
    public void Indexes_RandomMoments_EqualFlooredDivision()
    {
        var random = new Random(1);
        for (var i = 0; i < 10_000; i++)
        {
            var time = new Timestamp(random.NextInt64(-5_000_000_000_000, 5_000_000_000_000));
            Assert.Equal((long)Math.Floor(time.Milliseconds / 1_000m), time.Seconds);
            Assert.Equal((int)Math.Floor(time.Milliseconds / 3_600_000m), time.HourIndex);
            Assert.Equal((int)Math.Floor(time.Milliseconds / 86_400_000m), time.DayIndex);
        }
    }

    [Theory]
    [InlineData(0, "1970-01-01T00:00:00Z")]
    [InlineData(1, "1970-01-01T00:00:00.001Z")]
    [InlineData(1_320_487_200_000, "2011-11-05T10:00:00Z")]
    [InlineData(1_320_487_200_120, "2011-11-05T10:00:00.120Z")]
    [InlineData(-1, "1969-12-31T23:59:59.999Z")]
    public void ToString_AnyMoment_IsIsoInUtc(long milliseconds, string text)
    {
        Assert.Equal(text, new Timestamp(milliseconds).ToString());
        Assert.Equal(milliseconds, Timestamp.From(DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture)).Milliseconds);
    }

    [Fact]
    public void From_OtherOffsetAndTicks_IsTheSameMomentCutToMilliseconds()
    {
        var time = new DateTimeOffset(2011, 11, 5, 12, 0, 0, TimeSpan.FromHours(2)).AddTicks(9_999);
        Assert.Equal(new Timestamp(1_320_487_200_000), Timestamp.From(time));
        Assert.Equal(TimeSpan.Zero, Timestamp.From(time).ToDateTimeOffset().Offset);
    }

    [Fact]
    public void Arithmetic_PlusAndMinus_AreInverse()
    {
        var time = new Timestamp(1_000);
        Assert.Equal(new Timestamp(-500), time.Plus(TimeSpan.FromMilliseconds(-1_500)));
        Assert.Equal(TimeSpan.FromMilliseconds(1_500), time - new Timestamp(-500));
        Assert.Equal(new Timestamp(3 * Timestamp.Day), Timestamp.OfDay(3));
        Assert.True(new Timestamp(1) < new Timestamp(2) && new Timestamp(2) > new Timestamp(1));
        Assert.True(new Timestamp(2) <= new Timestamp(2) && new Timestamp(2) >= new Timestamp(2));
        Assert.False(new Timestamp(3) <= new Timestamp(2) || new Timestamp(2) >= new Timestamp(3));
    }

    [Theory]
    [InlineData("2026-11-24", 1_795_478_400_000)]
    [InlineData("2026-11-24T10:00:00Z", 1_795_514_400_000)]
    [InlineData("2026-11-24 10:00", 1_795_514_400_000)]
    [InlineData("2026-11-24T12:00:00.5+02:00", 1_795_514_400_500)]
    [InlineData("1969-12-31T23:59:59Z", null)]
    [InlineData("10:00", null)]
    [InlineData("24.11.2026", null)]
    [InlineData("2026-11-2410", null)]
    [InlineData("2026-13-01", null)]
    [InlineData(null, null)]
    public void Parse_WhatAPersonWrites_IsAMomentInUtcOrNothing(string? text, long? milliseconds) => Assert.Equal(milliseconds, Timestamp.Parse(text)?.Milliseconds);
}
