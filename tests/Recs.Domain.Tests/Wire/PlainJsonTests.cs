using System.Globalization;
using System.Text;
using System.Text.Json;
using Recs.Domain.Wire;

namespace Recs.Domain.Tests.Wire;

/// <summary>Against System.Text.Json: what is taken is the same value, and what that refuses is not taken.</summary>
public sealed class PlainJsonTests
{
    [Fact]
    public void TakeDouble_RandomNumbers_AreTheNearestDoubles()
    {
        var random = new Random(11);
        for (var i = 0; i < 100_000; i++)
        {
            var value = Math.Abs(BitConverter.Int64BitsToDouble(random.NextInt64())) is var any && double.IsFinite(any) && i % 2 == 0 ? any : random.NextDouble();
            var text = value.ToString(i % 3 == 0 ? "R" : i % 3 == 1 ? "0.#################" : "E12", CultureInfo.InvariantCulture);
            if (text.Length > 300) continue;
            Assert.True(Double(text, out var taken), text);
            Assert.Equal(JsonSerializer.Deserialize<double>(text), taken);
        }
    }

    [Theory]
    [InlineData("0")]
    [InlineData("0.1")]
    [InlineData("1.0000000000000000000000001")]
    [InlineData("9007199254740993")]
    [InlineData("0.14285714285714285")]
    [InlineData("1e-5")]
    [InlineData("12E+3")]
    public void TakeDouble_Numbers_AreTaken(string text)
    {
        Assert.True(Double(text, out var taken));
        Assert.Equal(JsonSerializer.Deserialize<double>(text), taken);
    }

    [Theory]
    [InlineData("")]
    [InlineData("01")]
    [InlineData("00.5")]
    [InlineData(".5")]
    [InlineData("1.")]
    [InlineData("1e")]
    [InlineData("1e+")]
    [InlineData("+1")]
    [InlineData("NaN")]
    [InlineData("1e999")]
    [InlineData("1_0")]
    public void TakeDouble_WhatIsNoNumber_IsNotTaken(string text) => Assert.False(Double(text, out _));

    [Theory]
    [InlineData("0", true)]
    [InlineData("999999999999999999", true)]
    [InlineData("9999999999999999999", false)]
    [InlineData("007", false)]
    [InlineData("1.0", false)]
    [InlineData("1e2", false)]
    [InlineData("-1", false)]
    public void TakeWhole_Always_TakesDigitsOnly(string text, bool isTaken)
    {
        var json = new PlainJson(Encoding.UTF8.GetBytes(text));
        Assert.Equal(isTaken, json.TakeWhole(out var value) && json.IsAtEnd());
        if (isTaken) Assert.Equal(long.Parse(text, CultureInfo.InvariantCulture), value);
    }

    [Fact]
    public void TakeTime_RandomTimes_AreThoseOfTheFullReader()
    {
        var random = new Random(5);
        for (var i = 0; i < 50_000; i++)
        {
            var time = new DateTime(random.NextInt64(DateTime.UnixEpoch.Ticks, DateTime.MaxValue.Ticks), DateTimeKind.Utc);
            var text = time.ToString("yyyy-MM-dd'T'HH:mm:ss" + (i % 8 == 0 ? "" : "." + new string('f', i % 8)) + "'Z'", CultureInfo.InvariantCulture);
            Assert.True(Time($"\"{text}\"", out var taken), text);
            Assert.Equal(Timestamp.From(JsonSerializer.Deserialize<DateTimeOffset>($"\"{text}\"")), taken);
        }
    }

    [Theory]
    [InlineData("2023-02-29T00:00:00Z")]
    [InlineData("2023-13-01T00:00:00Z")]
    [InlineData("2023-00-01T00:00:00Z")]
    [InlineData("2023-01-00T00:00:00Z")]
    [InlineData("2023-01-01T24:00:00Z")]
    [InlineData("2023-01-01T00:60:00Z")]
    [InlineData("2023-01-01T00:00:60Z")]
    [InlineData("2023-01-01T00:00:00.Z")]
    [InlineData("2023-01-01T00:00:00.12345678Z")]
    [InlineData("2023-01-01T00:00:00,5Z")]
    [InlineData("2023-01-01 00:00:00Z")]
    [InlineData("2023-01-01T00:00:0xZ")]
    [InlineData("1969-12-31T23:59:59Z")]
    [InlineData("2023-01-01T00:00:00+00:00")]
    public void TakeTime_WhatIsNoPlainTime_IsNotTaken(string text) => Assert.False(Time($"\"{text}\"", out _));

    [Fact]
    public void TakeText_EveryByte_IsTakenUnlessItEndsOrEscapes()
    {
        for (var letter = 0; letter < 256; letter++)
        {
            var json = new PlainJson([(byte)'"', (byte)'a', (byte)letter, (byte)'b', (byte)'"']);
            var isPlain = letter >= 0x20 && letter is not ('"' or '\\');
            Assert.Equal(isPlain, json.TakeText(out var text) && text.Length == 3 && json.IsAtEnd());
        }
    }

    private static bool Double(string text, out double value)
    {
        var json = new PlainJson(Encoding.UTF8.GetBytes(text));
        return json.TakeDouble(out value) && json.IsAtEnd();
    }

    private static bool Time(string text, out Timestamp time)
    {
        var json = new PlainJson(Encoding.UTF8.GetBytes(text));
        return json.TakeTime(out time) && json.IsAtEnd();
    }
}
