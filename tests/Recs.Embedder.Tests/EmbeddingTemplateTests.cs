using Recs.Domain;

namespace Recs.Embedder.Tests;

public sealed class EmbeddingTemplateTests
{
    [Theory]
    [InlineData("Red Mug", "heart, gift", "item: Red Mug | heart, gift.")]
    [InlineData("Red Mug", "", "item: Red Mug.")]
    [InlineData("", "gift", "gift.")]
    [InlineData("", "", "")]
    public void Render_Fields_LeavesOutWhatIsEmpty(string title, string tags, string expected) =>
        Assert.Equal(expected, new EmbeddingTemplate("item: {title} | {tags}.").Render(new Dictionary<string, string> { ["title"] = title, ["tags"] = tags }));

    [Fact]
    public void Render_LowerCase_LowersTheWholeText() =>
        Assert.Equal("title: äpfel", new EmbeddingTemplate("Title: {title}", lowerCase: true).Render(new Dictionary<string, string> { ["title"] = "ÄPFEL" }));

    [Theory]
    [InlineData("")]
    [InlineData("title")]
    [InlineData("{title")]
    [InlineData("title}")]
    [InlineData("{}")]
    [InlineData("{a{b}}")]
    public void Constructor_BrokenPattern_Refuses(string pattern) => Assert.Throws<RefusedException>(() => new EmbeddingTemplate(pattern));

    [Fact]
    public void ContentHash_SameText_SameHash()
    {
        Assert.Equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", ContentHash.Of("abc"));
        Assert.Equal(ContentHash.Of("\uFFFD"), ContentHash.Of("\uD800"));
    }
}
