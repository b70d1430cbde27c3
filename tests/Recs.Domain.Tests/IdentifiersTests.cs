namespace Recs.Domain.Tests;

public sealed class IdentifiersTests
{
    public static TheoryData<string, Func<string, object>> Kinds => new()
    {
        { nameof(ItemId), value => new ItemId(value) },
        { nameof(UserId), value => new UserId(value) },
        { nameof(RequestId), value => new RequestId(value) },
        { nameof(EventId), value => new EventId(value) },
        { nameof(AdvertiserId), value => new AdvertiserId(value) },
    };

    [Theory, MemberData(nameof(Kinds), DisableDiscoveryEnumeration = true)]
    public void Constructor_EmptyOrNull_NamesTheKind(string kind, Func<string, object> create)
    {
        Assert.Contains(kind, Assert.Throws<ArgumentException>(() => create("")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => create(null!));
    }

    [Theory, MemberData(nameof(Kinds), DisableDiscoveryEnumeration = true)]
    public void Constructor_AnyText_KeepsItAndComparesOrdinally(string kind, Func<string, object> create)
    {
        Assert.NotEmpty(kind);
        Assert.Equal(" é🎁", create(" é🎁").ToString());
        Assert.Equal(create("a"), create("a"));
        Assert.NotEqual(create("a"), create("A"));
    }
}
