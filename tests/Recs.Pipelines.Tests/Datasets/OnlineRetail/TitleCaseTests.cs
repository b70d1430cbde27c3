using Recs.Pipelines.Datasets.OnlineRetail;

namespace Recs.Pipelines.Tests.Datasets.OnlineRetail;

public sealed class TitleCaseTests
{
    [Theory]
    [InlineData("WHITE HANGING HEART T-LIGHT HOLDER", "White Hanging Heart T-Light Holder")]
    [InlineData("CHILDREN'S CUTLERY", "Children's Cutlery")]
    [InlineData("  RED   WOOLLY HOTTIE WHITE HEART.  ", "Red Woolly Hottie White Heart.")]
    [InlineData("SET/20 RED RETROSPOT NAPKINS", "Set/20 Red Retrospot Napkins")]
    [InlineData("3D DOG 50CM (BLUE)", "3d Dog 50cm (Blue)")]
    [InlineData("ÉCLAIR", "Éclair")]
    [InlineData("", "")]
    [InlineData("   ", "")]
    public void Of_Capitals_BeginsWordsOnly(string title, string expected) => Assert.Equal(expected, TitleCase.Of(title));
}
