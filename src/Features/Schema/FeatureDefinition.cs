using System.Globalization;
using Recs.Domain;
using Recs.Features.Embedding;

namespace Recs.Features;

/// <summary>A feature this build knows: its name in a features file, its parameters, and how it is made.</summary>
public sealed class FeatureDefinition
{
    private readonly Func<string, FeatureParameters, IReadOnlyList<float>?, Feature> _create;
    private readonly Func<FeatureParameters, ItemVectors, float[]>? _find;

    internal FeatureDefinition(string name, FeatureParameter[] parameters, Func<FeatureParameters, Feature> create) => (Name, Parameters, _create) = (name, parameters, (_, values, _) => create(values));

    internal FeatureDefinition(string name, FeatureParameter[] parameters, Func<string, FeatureParameters, Feature> create) => (Name, Parameters, NeedsAttribute, _create) = (name, parameters, true, (attribute, values, _) => create(attribute, values));

    internal FeatureDefinition(string name, FeatureParameter[] parameters, Func<FeatureParameters, IReadOnlyList<float>?, Feature> create, Func<FeatureParameters, ItemVectors, float[]> find) =>
        (Name, Parameters, _create, _find) = (name, parameters, (_, values, found) => create(values, found), find);

    /// <summary>As it is written in a features file.</summary>
    public string Name { get; }

    /// <summary>What shapes it, in order.</summary>
    public IReadOnlyList<FeatureParameter> Parameters { get; }

    /// <summary>Whether it reads an attribute of items or users, which must be named: <c>attribute: year</c>.</summary>
    public bool NeedsAttribute { get; }

    /// <summary>Whether it reads numbers that are found on the item vectors when a model is trained.</summary>
    public bool Finds => _find is not null;

    /// <summary>An instance with the parameters of <paramref name="choice"/>; instances that read belong to one thread.</summary>
    internal Feature Create(FeatureChoice choice) => _create(choice.Attribute ?? "", new(Fill(choice).Parameters), choice.Found);

    /// <summary>The choice with what is to be found on the vectors; as it is for a feature that reads nothing of the kind.</summary>
    internal FeatureChoice Fit(FeatureChoice choice, ItemVectors vectors) => _find is null ? choice : choice with { Found = _find(new(Fill(choice).Parameters), vectors) };

    /// <summary>The choice with every parameter said.</summary>
    /// <exception cref="RefusedException">A parameter is not one of this feature's, or out of its range.</exception>
    internal FeatureChoice Fill(FeatureChoice choice)
    {
        if (NeedsAttribute && choice.Attribute is not { Length: > 0 and <= 64 }) throw new RefusedException($"feature {Name} reads an attribute of items or users: name it, as in attribute: year");
        if (!NeedsAttribute && choice.Attribute is not null) throw new RefusedException($"feature {Name} reads no attribute, yet '{choice.Attribute}' is named");
        foreach (var (name, value) in choice.Parameters)
        {
            var known = Parameters.FirstOrDefault(parameter => parameter.Name == name) ?? throw new RefusedException(Parameters.Count == 0
                ? $"feature {Name} has no parameters, yet '{name}' is given"
                : $"feature {Name} has no parameter '{name}'; nearest: {NearestNames.Of(name, Parameters.Select(parameter => parameter.Name))}");
            if (!(value >= known.Minimum && value <= known.Maximum) || known.Whole && value != Math.Floor(value))
                throw new RefusedException(string.Create(CultureInfo.InvariantCulture,
                    $"{name} of feature {Name} is {value}, {(known.Whole ? "whole numbers from" : "range")} {known.Minimum} to {known.Maximum}"));
        }
        return new(Name, Parameters.ToDictionary(parameter => parameter.Name, parameter => choice.Parameters.GetValueOrDefault(parameter.Name, parameter.Default)), choice.Attribute, choice.Found);
    }
}
