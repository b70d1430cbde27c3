namespace Recs.Embedder.Planning;

/// <summary>How weights and tokens share the memory allowed.</summary>
/// <param name="IsResident">All layers stay in memory.</param>
/// <param name="ReadsAhead">Else: whether a second part has room while the first is in use.</param>
/// <param name="TokensInFlight">Tokens in memory at once; where weights pass through, those that pass a part together.</param>
public sealed record ResidencyPlan(bool IsResident, bool ReadsAhead, int TokensInFlight);
