using Recs.Domain;
using Recs.Ranker.Slates;

namespace Recs.Api.Experiments;

/// <summary>One way to rank, tried on a share of the users.</summary>
/// <param name="Name">For answers and reports; 1 to 256 characters, unique within its layer.</param>
/// <param name="Share">Of the users, over 0 to 1; a layer's shares are at most 1 together, and the rest of the users get nothing from it.</param>
public sealed record ExperimentArm(string Name, double Share)
{
    /// <summary>Settings that differ from the policy in use, by their names in policy files ("ads.share", "value.weights.click"). Default: none, as in a control arm.</summary>
    public IReadOnlyDictionary<string, double> Policy { get; init; } = new Dictionary<string, double>();

    /// <summary>The name of the model that ranks for this arm; null for the live one.</summary>
    public string? Model { get; init; }

    /// <summary>The policy of this arm.</summary>
    /// <param name="policy">The policy in use.</param>
    /// <exception cref="RefusedException">A setting is not known, or takes whole numbers only.</exception>
    internal SlatePolicy Applied(SlatePolicy policy)
    {
        foreach (var (name, value) in Policy) policy = PolicySettings.With(policy, name, value);
        return policy;
    }
}
