using Recs.Domain;

namespace Recs.Api.Live;

/// <summary>How fresh the state is.</summary>
/// <param name="Ready">Caught up with the stream since the start, warm, not too far behind now, and following without a fault.</param>
/// <param name="Lag">Messages on the stream that are not folded in yet.</param>
/// <param name="Fault">Why following has stopped, or null.</param>
/// <param name="Facts">Events folded in.</param>
/// <param name="Newest">The newest event time among them.</param>
public sealed record LiveStatus(bool Ready, long Lag, string? Fault, long Facts, Timestamp Newest)
{
    /// <summary>Caught up, and ranking for recent users before it counts as ready.</summary>
    public bool IsWarmingUp { get; init; }
}
