using Recs.Domain;

namespace Recs.Api.Serving;

/// <summary>What an erasure did.</summary>
/// <param name="Store">From where, without secrets.</param>
/// <param name="Rows">Rows touched, by table.</param>
public sealed record ErasedUser(string Store, IReadOnlyDictionary<string, long> Rows);

/// <summary>Removes a person from the store. Safe from any thread.</summary>
public interface IUserErasure
{
    /// <summary>Removes all of a user from the store; their later events are refused there.</summary>
    /// <exception cref="RefusedException">The store is not at hand now, or refuses. Nothing was changed.</exception>
    Task<ErasedUser> EraseAsync(UserId user, CancellationToken cancel);
}
