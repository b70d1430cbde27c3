using Recs.Embedder.Tokenizer;
using Recs.Pipelines.Bench.Recipes;
using Recs.Pipelines.Tests.CommandLine;

namespace Recs.Pipelines.Tests.Bench.Recipes;

public sealed class RecipeVocabularyTests : IDisposable
{
    private readonly TestFolder _folder = new();

    [Theory]
    [InlineData(64)]
    [InlineData(32768)]
    public void Text_OfIds_TokenizesToThem(int size)
    {
        new RecipeVocabulary(size).Write(_folder.Path);
        var ids = Enumerable.Range(0, 5000).Select(i => (int)(i * 2_654_435_761L % size)).Append(0).Append(size - 1).ToArray();
        Assert.Equal(ids, ByteLevelTokenizer.Load(_folder.Path).Encode(RecipeVocabulary.Text(ids)));
    }

    public void Dispose() => _folder.Dispose();
}
