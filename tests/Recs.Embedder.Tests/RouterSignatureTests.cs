namespace Recs.Embedder.Tests;

public sealed class RouterSignatureTests
{
    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("3-0-127-15")]
    public void Text_RoundTrip_IsEqual(string text)
    {
        var signature = RouterSignature.Parse(text);
        Assert.Equal(text, signature.ToString());
        Assert.Equal(signature, RouterSignature.Parse(text));
        Assert.Equal(signature.GetHashCode(), RouterSignature.Parse(text).GetHashCode());
    }

    [Theory]
    [InlineData("-")]
    [InlineData("1--2")]
    [InlineData("1-x")]
    [InlineData("-1")]
    public void Text_Malformed_Throws(string text) => Assert.Throws<FormatException>(() => RouterSignature.Parse(text));

    [Fact]
    public void Signatures_OtherExperts_AreNotEqual()
    {
        Assert.NotEqual(RouterSignature.Parse("1-2"), RouterSignature.Parse("2-1"));
        Assert.NotEqual(RouterSignature.Parse("1-2"), RouterSignature.Parse("1-2-0"));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RouterSignature([1, -1]));
    }
}
