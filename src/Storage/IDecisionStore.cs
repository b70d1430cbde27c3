using Recs.Domain.Decisions;

namespace Recs.Storage;

/// <summary>The decision ledger as kept. Thread rule: as for <see cref="IEventStore"/>.</summary>
public interface IDecisionStore
{
    /// <summary>Keeps decisions in one transaction; one whose id is known already, or whose user was erased, is left out.</summary>
    /// <returns>Decisions not kept before.</returns>
    int Keep(IReadOnlyList<Decision> decisions);

    /// <summary>The decision of an id, or null.</summary>
    Decision? FindDecision(string id);

    /// <summary>The ids of the newest decisions, newest first, ties by id.</summary>
    /// <param name="limit">At most so many, at least 1.</param>
    IReadOnlyList<string> NewestDecisions(int limit);
}
