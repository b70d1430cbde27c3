namespace Recs.Embedder.Compute;

/// <summary>The tokens of a sequence that count for pooling: all but so many special ones at its start and end.</summary>
internal readonly record struct PooledRange(int SkipFirst, int SkipLast);
