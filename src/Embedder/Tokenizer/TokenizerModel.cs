namespace Recs.Embedder.Tokenizer;

/// <summary>What a tokenizer file says, whichever kind of file it was.</summary>
/// <param name="Vocabulary">Ids of all byte strings that are tokens.</param>
/// <param name="Merges">How a piece that is no token is built up.</param>
/// <param name="WholePiecesFirst">A piece that is a token as a whole is that token, even if no merges lead to it (ignore_merges).</param>
/// <param name="Prefix">Special ids before each text.</param>
/// <param name="Suffix">Special ids after each text.</param>
internal sealed record TokenizerModel(Vocabulary Vocabulary, MergeTable Merges, bool WholePiecesFirst, int[] Prefix, int[] Suffix);
