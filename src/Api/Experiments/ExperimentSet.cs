using Recs.Domain;
using Recs.Domain.Wire;
using Recs.Ranker.Slates;

namespace Recs.Api.Experiments;

/// <summary>All experiments that run beside each other. Immutable; safe from any thread.</summary>
public sealed class ExperimentSet
{
    /// <summary>Combinations of arms, no arm among them, that may exist: each is a ranker kept ready.</summary>
    public const int Combinations = 1_024;

    /// <param name="layers">In the order in which their settings are applied.</param>
    /// <exception cref="RefusedException">A name or salt is missing or used twice, a share is out of range, a setting is unknown or set by two layers, two layers bring models, or there are too many combinations.</exception>
    public ExperimentSet(IReadOnlyList<ExperimentLayer> layers)
    {
        ArgumentNullException.ThrowIfNull(layers);
        Layers = layers;
        Distinct(layers.Select(layer => layer.Name), "layers");
        Distinct(layers.Select(layer => layer.Salt), "salts");
        foreach (var layer in layers) Validate(layer);
        Disjoint();
        Rankers = layers.Aggregate(1L, (all, layer) => Math.Min(all * (layer.Arms.Count + 1), int.MaxValue));
        if (Rankers > Combinations) throw new RefusedException($"experiments: the arms of {layers.Count} layers combine in {Rankers} ways, limit {Combinations}; run fewer at once");
    }

    /// <summary>No experiment.</summary>
    public static ExperimentSet None { get; } = new([]);

    /// <summary>In the order in which their settings are applied.</summary>
    public IReadOnlyList<ExperimentLayer> Layers { get; }

    /// <summary>Names of the models that the arms need.</summary>
    public IEnumerable<string> Models => Layers.SelectMany(layer => layer.Arms).Select(arm => arm.Model).OfType<string>().Distinct(StringComparer.Ordinal);

    /// <summary>Ways in which arms, no arm among them, combine.</summary>
    internal long Rankers { get; }

    /// <summary>The number of a user's combination: mixed radix over the layers, 0 where no layer has an arm for them.</summary>
    internal int CombinationOf(UserId user)
    {
        var number = 0;
        foreach (var layer in Layers) number = number * (layer.Arms.Count + 1) + layer.ArmOf(user) + 1;
        return number;
    }

    /// <summary>The arms of a combination, by layer.</summary>
    internal IReadOnlyList<(ExperimentLayer Layer, ExperimentArm Arm)> ArmsOf(int combination)
    {
        List<(ExperimentLayer, ExperimentArm)> arms = [];
        for (var at = Layers.Count - 1; at >= 0; at--)
        {
            var (rest, digit) = Math.DivRem(combination, Layers[at].Arms.Count + 1);
            if (digit > 0) arms.Insert(0, (Layers[at], Layers[at].Arms[digit - 1]));
            combination = rest;
        }
        return arms;
    }

    private static void Validate(ExperimentLayer layer)
    {
        if (layer.Arms.Count == 0) throw new RefusedException($"experiments: layer '{layer.Name}' has no arms; give it some, or leave it out");
        Distinct(layer.Arms.Select(arm => arm.Name), $"arms of '{layer.Name}'");
        foreach (var arm in layer.Arms)
        {
            if (!(arm.Share is > 0 and <= 1)) throw new RefusedException(FormattableString.Invariant($"experiments: arm '{arm.Name}' of '{layer.Name}' has share {arm.Share}, range over 0 to 1"));
            try
            {
                arm.Applied(new SlatePolicy()).Validate();
            }
            catch (RefusedException unknown)
            {
                throw new RefusedException($"experiments: arm '{arm.Name}' of '{layer.Name}': {unknown.Message}", unknown);
            }
        }
        if (layer.Arms.Sum(arm => arm.Share) > 1 + 1e-9) throw new RefusedException(FormattableString.Invariant($"experiments: the shares of '{layer.Name}' are {layer.Arms.Sum(arm => arm.Share)} together, limit 1"));
    }

    // What an arm does must not hang on the arm of another layer.
    private void Disjoint()
    {
        var owners = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var layer in Layers)
            foreach (var what in layer.Arms.SelectMany(arm => arm.Policy.Keys).Concat(layer.Arms.Any(arm => arm.Model is not null) ? ["the model"] : []).Distinct(StringComparer.Ordinal))
                if (!owners.TryAdd(what, layer.Name)) throw new RefusedException($"experiments: both '{owners[what]}' and '{layer.Name}' change {what}; put the arms into one layer");
    }

    private static void Distinct(IEnumerable<string> names, string what)
    {
        var met = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            if (name is null or "" or { Length: > EventLimits.NameLength }) throw new RefusedException($"experiments: one of the {what} has a name of {name?.Length ?? 0} characters, range 1 to {EventLimits.NameLength}");
            if (!met.Add(name)) throw new RefusedException($"experiments: '{name}' is there twice among the {what}");
        }
    }
}
