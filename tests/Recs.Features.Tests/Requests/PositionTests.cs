namespace Recs.Features.Tests.Requests;

public sealed class PositionTests
{
    private static readonly FeatureSchema Schema = FeatureSchema.Of([new("position", new Dictionary<string, double> { ["most"] = 10 })]);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 7)]
    [InlineData(10, 10)]
    [InlineData(11, 10)]
    [InlineData(10_000, 10)]
    public void Read_ALoggedPlace_IsHeldToTheLast(int place, float expected) => Assert.Equal(expected, Read(place));

    [Fact]
    public void Read_WithoutAPlace_IsTheFirst() => Assert.Equal(1, Read(null));

    private static float Read(int? place)
    {
        var reader = new FeatureReader(An.State([An.Item("e", An.Start)]), Schema);
        Span<float> row = [0];
        reader.Begin(new("u"), An.Day(1));
        if (place is { } at) reader.Read(new("i0"), row, at);
        else reader.Read(new("i0"), row);
        return row[0];
    }
}
