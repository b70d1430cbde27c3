namespace Recs.Embedder.Tokenizer;

/// <summary>Which neighbouring tokens become one, and which pair goes first. Thread-safe.</summary>
internal abstract class MergeTable
{
    /// <param name="left">Id of the left token.</param>
    /// <param name="right">Id of its right neighbour.</param>
    /// <param name="joined">The bytes of both, one char a byte.</param>
    /// <param name="rank">Lower ranks merge first.</param>
    /// <param name="merged">Id of the token both become.</param>
    public abstract bool TryFind(int left, int right, ReadOnlySpan<char> joined, out int rank, out int merged);
}

/// <summary>The explicit merges of a tokenizer.json, in the order of the list.</summary>
internal sealed class PairMerges(Dictionary<(int Left, int Right), (int Rank, int Merged)> pairs) : MergeTable
{
    public override bool TryFind(int left, int right, ReadOnlySpan<char> joined, out int rank, out int merged)
    {
        var found = pairs.TryGetValue((left, right), out var merge);
        (rank, merged) = merge;
        return found;
    }
}

/// <summary>The tiktoken form: any two neighbours merge whose joined bytes are a token, and the token's rank is its id.</summary>
internal sealed class RankMerges(Vocabulary vocabulary) : MergeTable
{
    public override bool TryFind(int left, int right, ReadOnlySpan<char> joined, out int rank, out int merged)
    {
        var found = vocabulary.TryFind(joined, out merged);
        rank = merged;
        return found;
    }
}
