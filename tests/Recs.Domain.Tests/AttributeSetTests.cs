using Recs.Domain.Items;

namespace Recs.Domain.Tests;

public sealed class AttributeSetTests
{
    [Fact]
    public void Equality_AnyOrder_IsByNamesAndValues()
    {
        var one = new AttributeSet([new("b", "2"), new("a", "1")]);
        Assert.Equal(new AttributeSet([new("a", "1"), new("b", "2")]), one);
        Assert.Equal(new AttributeSet([new("a", "1"), new("b", "2")]).GetHashCode(), one.GetHashCode());
        Assert.Equal(["a", "b"], one.Select(pair => pair.Key));
        Assert.NotEqual(new AttributeSet([new("a", "1"), new("b", "3")]), one);
        Assert.NotEqual(new AttributeSet([new("a", "1")]), one);
    }

    [Fact]
    public void Constructor_NameTwice_KeepsTheLastValue() =>
        Assert.Equal("2", new AttributeSet([new("a", "1"), new("a", "2")]).Text("a"));

    [Theory]
    [InlineData("2.55", 2.55)]
    [InlineData("-1e3", -1_000.0)]
    [InlineData("1e999", null)]
    [InlineData("NaN", null)]
    [InlineData("two", null)]
    [InlineData("", null)]
    public void Number_Text_IsFiniteOrNull(string text, double? expected) =>
        Assert.Equal(expected, new AttributeSet([new("a", text)]).Number("a"));

    [Fact]
    public void Text_UnknownName_IsNull()
    {
        Assert.Null(AttributeSet.Empty.Text("a"));
        Assert.Null(AttributeSet.Empty.Number("a"));
    }
}
