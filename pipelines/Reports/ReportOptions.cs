using System.CommandLine;
using Recs.Domain;

namespace Recs.Pipelines.Reports;

/// <summary>The parameters of a report on the command line: <c>--from</c>, <c>--to</c> and <c>--by</c>, which many take, and <c>--param NAME=VALUE</c> for all.</summary>
internal sealed class ReportOptions
{
    private readonly Option<string?> _from = new("--from") { Description = "First UTC day.", HelpName = "DAY" };
    private readonly Option<string?> _to = new("--to") { Description = "Last UTC day.", HelpName = "DAY" };
    private readonly Option<string?> _by = new("--by") { Description = "What to group by.", HelpName = "COLUMN" };
    private readonly Option<string[]> _param = new("--param") { Description = "A parameter of the report; may be repeated.", HelpName = "NAME=VALUE", DefaultValueFactory = _ => [] };

    public IEnumerable<Option> All => [_from, _to, _by, _param];

    /// <exception cref="RefusedException">A parameter is not NAME=VALUE, or is given twice.</exception>
    public Dictionary<string, string> Given(ParseResult parsed)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, option) in new[] { ("from", _from), ("to", _to), ("by", _by) })
            if (parsed.GetValue(option) is { } value) given[name] = value;
        foreach (var text in parsed.GetValue(_param)!)
        {
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1) throw new RefusedException($"--param '{text}' is not NAME=VALUE");
            if (!given.TryAdd(text[..equals], text[(equals + 1)..])) throw new RefusedException($"{text[..equals]} is given twice");
        }
        return given;
    }

    /// <summary>The report's own name: words may be joined by hyphens too.</summary>
    public static string NameOf(string typed) => typed.Replace('-', '_');
}
