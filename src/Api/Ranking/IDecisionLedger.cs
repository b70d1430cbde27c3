using Recs.Domain.Decisions;

namespace Recs.Api.Ranking;

/// <summary>Keeps decisions. Safe from any thread.</summary>
public interface IDecisionLedger
{
    /// <summary>Called after the answer has left, and never waits: what cannot be kept now is dropped and counted by the ledger.</summary>
    /// <param name="decision">What was decided.</param>
    /// <returns>Whether the ledger disposes of the decision; false leaves that to the caller.</returns>
    bool TryKeep(RankedDecision decision);

    /// <summary>A decision that was kept, or null where it is not known here.</summary>
    Decision? Find(string id);
}
