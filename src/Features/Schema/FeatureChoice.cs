namespace Recs.Features;

/// <summary>A feature that a model is to read, by name, as a YAML file or a model's description says it.</summary>
/// <param name="Name">One of <see cref="FeatureSchema.Known"/>.</param>
/// <param name="Parameters">Values by name; a parameter that is not named has its default.</param>
/// <param name="Attribute">The attribute of items or users that it reads, for a feature that asks for one; null for the others.</param>
/// <param name="Found">What was found on the item vectors when the model was trained (see <see cref="FeatureSchema.Fit"/>), for a feature that reads such numbers; null for the others.</param>
public sealed record FeatureChoice(string Name, IReadOnlyDictionary<string, double> Parameters, string? Attribute = null, IReadOnlyList<float>? Found = null)
{
    /// <summary>A feature with its defaults.</summary>
    public FeatureChoice(string name) : this(name, new Dictionary<string, double>()) { }
}
