using Recs.Domain.Decisions;

namespace Recs.Storage;

/// <summary>Logged actions beside what another policy would have done, for the report off_policy. Thread rule: as for <see cref="IEventStore"/>.</summary>
public interface IPolicyStore
{
    /// <summary>Keeps the rows of a run in the place of those it had, in one transaction.</summary>
    /// <param name="run">Names the comparison.</param>
    /// <param name="rows">Read once.</param>
    /// <returns>Rows kept.</returns>
    long SavePolicyRows(string run, IEnumerable<PolicyRow> rows);
}
