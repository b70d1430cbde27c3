namespace Recs.Embedder.Compute;

/// <summary>How one row of fused projections is divided: queries head by head, then keys, then values.</summary>
/// <param name="Heads">Query heads.</param>
/// <param name="KeyValueHeads">Key and value heads; query head n reads number n / (Heads / KeyValueHeads).</param>
/// <param name="HeadSize">Numbers a head.</param>
internal sealed record AttentionShape(int Heads, int KeyValueHeads, int HeadSize)
{
    public int QueryColumns => Heads * HeadSize;
    public int KeyColumns => KeyValueHeads * HeadSize;
    public int FirstKey => QueryColumns;
    public int FirstValue => QueryColumns + KeyColumns;
    public int Columns => QueryColumns + 2 * KeyColumns;
}
