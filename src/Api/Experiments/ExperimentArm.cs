using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Wire;
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
        foreach (var (name, value) in Policy) policy = With(policy, name, value);
        return policy;
    }

    private static SlatePolicy With(SlatePolicy policy, string name, double value)
    {
        const string weights = "value.weights.", quality = "ads.quality.";
        if (PolicySettings.All.FirstOrDefault(setting => setting.Name == name) is { } known)
            return !known.IsWhole || value == Math.Floor(value) ? known.With(policy, value) : throw new RefusedException(FormattableString.Invariant($"{name} is {value}, expected a whole number"));
        if (name.StartsWith(weights, StringComparison.Ordinal) && ActionNames.Parse(name[weights.Length..]) is { } weighed)
            return policy with { Weights = new Dictionary<InteractionType, double>(policy.Weights) { [weighed] = value } };
        if (name.StartsWith(quality, StringComparison.Ordinal) && ActionNames.Parse(name[quality.Length..]) is { } judged)
            return policy with { AdQuality = new Dictionary<InteractionType, double>(policy.AdQuality) { [judged] = value } };
        throw new RefusedException($"'{name}' is no setting of a policy; near it: {NearestNames.Of(name, PolicySettings.All.Select(setting => setting.Name))}");
    }
}
