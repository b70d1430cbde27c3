using Recs.Domain.Events;
using Recs.Features.Requests;

namespace Recs.Features.Tests.Users;

/// <summary><c>user_number</c> and <c>user_group</c>.</summary>
public sealed class UserAttributeTests
{
    private static readonly FeatureSchema Schema = FeatureSchema.Of([new("user_number", new Dictionary<string, double>(), "age"), new("user_group", new Dictionary<string, double> { ["buckets"] = 5 }, "country")]);

    [Fact]
    public void Read_TheNewestVersion_CountsWhateverCameFirst()
    {
        UserUpserted[] versions = [Version("e1", 1, ("age", "31"), ("country", "France")), Version("e2", 2, ("age", "32"), ("country", "Spain"))];
        foreach (var order in new[] { versions, [.. versions.Reverse()] })
        {
            var row = Row(order, "u");
            Assert.Equal(32, row[0]);
            Assert.Equal(1, row[1 + NameBucket.Of("Spain", 5)]);
            Assert.Equal(33, row.Sum());
        }
    }

    [Theory]
    [InlineData("u", "grown up")]
    [InlineData("u", "")]
    [InlineData("u", "1e300")]
    [InlineData("another", "31")]
    public void Read_NoNumberOrAnotherUser_IsMissing(string user, string age) => Assert.Equal(-1, Row([Version("e1", 1, ("age", age))], user)[0]);

    [Fact]
    public void Read_NoName_IsInNoBucket() => Assert.Equal([31, 0, 0, 0, 0, 0], Row([Version("e1", 1, ("age", "31"))], "u"));

    [Fact]
    public void Of_WithoutAnAttribute_IsRefused() =>
        Assert.Contains("feature user_number reads an attribute", Assert.Throws<Recs.Domain.RefusedException>(() => FeatureSchema.Of([new("user_number")])).Message, StringComparison.Ordinal);

    private static UserUpserted Version(string id, double day, params (string Name, string Value)[] attributes) =>
        new(new(id), An.Day(day), new("u"), new(attributes.Select(attribute => new KeyValuePair<string, string>(attribute.Name, attribute.Value))));

    private static float[] Row(IEnumerable<Event> events, string user)
    {
        var reader = new FeatureReader(An.State(events), Schema);
        var row = new float[Schema.Width];
        reader.Begin(new(user), An.Day(9));
        reader.Read(new("i0"), row);
        return row;
    }
}
