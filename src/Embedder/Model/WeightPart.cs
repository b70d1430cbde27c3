namespace Recs.Embedder.Model;

/// <summary>
/// A piece of a layer that is loaded, used for every micro-batch in flight, and dropped: the unit in which weights pass through memory.
/// Read-only, shared by all lanes, until it is disposed.
/// </summary>
internal abstract class WeightPart : IDisposable
{
    /// <summary>Computes this part for one micro-batch.</summary>
    public abstract void Forward(Lane lane, TokenState state);

    public abstract void Dispose();
}

/// <summary>Which part of which layer.</summary>
/// <param name="Layer">0-based.</param>
/// <param name="Kind">Attention, then feed-forward, then the experts.</param>
/// <param name="Expert">The first expert of a group; 0 for other kinds.</param>
internal readonly record struct PartKey(int Layer, PartKind Kind, int Expert = 0);

internal enum PartKind
{
    Attention,
    FeedForward,
    Experts,
}
