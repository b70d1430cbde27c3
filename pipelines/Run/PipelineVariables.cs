using System.Text.RegularExpressions;
using Recs.Domain;

namespace Recs.Pipelines.Run;

/// <summary>
/// The variables of a pipeline. A value may name variables declared above it, so filling in ends; what is filled in is never read again
/// for further names.
/// </summary>
internal sealed partial class PipelineVariables(YamlPlace place)
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <summary>Declares one; a value given from outside wins over the file's.</summary>
    public void Declare(string name, string value, int line, IReadOnlyDictionary<string, string> given)
    {
        if (!Name().IsMatch(name)) throw place.Refuse(line, $"'{name}' cannot be a variable; a name has letters, digits, _ and -");
        _values[name] = given.TryGetValue(name, out var own) ? own : Fill(value, line);
    }

    /// <exception cref="RefusedException">A name from outside is none of the declared ones.</exception>
    public void RefuseUnknown(string file, IEnumerable<string> given)
    {
        foreach (var name in given)
            if (!_values.ContainsKey(name)) throw new RefusedException($"--set {name}: {file} has no variable '{name}'; {Known()}");
    }

    /// <summary><paramref name="text"/> with every <c>${name}</c> replaced.</summary>
    public string Fill(string text, int line) => Reference().Replace(text, match =>
        _values.TryGetValue(match.Groups["name"].Value, out var value) ? value
            : throw place.Refuse(line, $"unknown variable '{match.Groups["name"].Value}'; {Known()}"));

    private string Known() => _values.Count == 0 ? "none is declared" : $"declared are {string.Join(", ", _values.Keys)}";

    [GeneratedRegex(@"\$\{(?<name>[^}]*)\}", RegexOptions.CultureInvariant)]
    private static partial Regex Reference();

    [GeneratedRegex(@"^[A-Za-z0-9_-]+$", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
