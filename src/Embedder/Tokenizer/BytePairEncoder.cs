namespace Recs.Embedder.Tokenizer;

/// <summary>
/// Byte-pair encoding of one piece: starts at single bytes and merges the pair of lowest rank, the leftmost among equals.
/// A queue holds the candidate pairs, so a piece of n bytes takes n log n steps, however long a run of one character is.
/// </summary>
internal sealed class BytePairEncoder(Vocabulary vocabulary, MergeTable merges)
{
    private readonly PriorityQueue<(int Left, int LeftId, int Right, int RightId, int Merged), (int Rank, int Left)> _pairs = new();
    private int[] _ids = [];
    private int[] _next = [];
    private int[] _previous = [];

    /// <param name="piece">Bytes, one char (0 to 255) a byte.</param>
    /// <param name="to">Gets the piece's ids at its end.</param>
    public void Encode(ReadOnlySpan<char> piece, List<int> to)
    {
        Start(piece);
        while (_pairs.TryDequeue(out var pair, out _))
        {
            // A pair whose tokens have changed since it was queued is stale; its successors were queued when they changed.
            if (_ids[pair.Left] != pair.LeftId || _next[pair.Left] != pair.Right || _ids[pair.Right] != pair.RightId) continue;
            _ids[pair.Left] = pair.Merged;
            _ids[pair.Right] = -1;
            var after = _next[pair.Right];
            _next[pair.Left] = after;
            if (after < piece.Length) _previous[after] = pair.Left;
            if (_previous[pair.Left] >= 0) Consider(piece, _previous[pair.Left]);
            Consider(piece, pair.Left);
        }
        for (var at = 0; at < piece.Length; at = _next[at]) to.Add(_ids[at]);
    }

    private void Start(ReadOnlySpan<char> piece)
    {
        if (_ids.Length < piece.Length) (_ids, _next, _previous) = (new int[piece.Length], new int[piece.Length], new int[piece.Length]);
        for (var at = 0; at < piece.Length; at++) (_ids[at], _next[at], _previous[at]) = (vocabulary.OfByte(piece[at]), at + 1, at - 1);
        for (var at = 0; at < piece.Length - 1; at++) Consider(piece, at);
    }

    private void Consider(ReadOnlySpan<char> piece, int left)
    {
        var right = _next[left];
        if (right >= piece.Length) return;
        if (merges.TryFind(_ids[left], _ids[right], piece[left.._next[right]], out var rank, out var merged))
            _pairs.Enqueue((left, _ids[left], right, _ids[right], merged), (rank, left));
    }
}
