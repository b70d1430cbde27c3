namespace Recs.Features;

/// <summary>A number that shapes a feature: a half-life, a strength of smoothing, a horizon.</summary>
/// <param name="Name">As it is written in a features file.</param>
/// <param name="Default">Its value where none is given.</param>
/// <param name="Minimum">The smallest value allowed.</param>
/// <param name="Maximum">The greatest value allowed.</param>
/// <param name="Meaning">What it does, with its unit.</param>
/// <param name="Whole">Whether it must be a whole number.</param>
public sealed record FeatureParameter(string Name, double Default, double Minimum, double Maximum, string Meaning, bool Whole = false);

/// <summary>The values of all parameters of one feature.</summary>
internal sealed class FeatureParameters(IReadOnlyDictionary<string, double> values)
{
    public double this[string name] => values[name];

    public int Whole(string name) => (int)values[name];

    /// <summary>A span of so many hours as column names have it: "1h", "7d", "1.5d".</summary>
    public static string Span(double hours) => hours < 24
        ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{hours:R}h")
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{hours / 24:R}d");

    /// <summary>The span of the parameter of this name, which counts days.</summary>
    public string Days(string name) => Span(values[name] * 24);

    /// <summary>The span of the parameter of this name, which counts hours.</summary>
    public string Hours(string name) => Span(values[name]);
}
