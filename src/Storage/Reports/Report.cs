using System.Globalization;
using System.Text.RegularExpressions;
using Recs.Domain;
using Recs.Storage.Sql;

namespace Recs.Storage.Reports;

/// <summary>A report or check as its file describes it: the first comment line says what it answers, lines <c>-- $name type default: meaning</c> declare parameters.</summary>
/// <param name="Name">The file's name.</param>
/// <param name="Summary">One line.</param>
/// <param name="Parameters">What may be given.</param>
public sealed partial record Report(string Name, string Summary, IReadOnlyList<ReportParameter> Parameters)
{
    private const string OneOf = "one-of(";

    internal string Sql { get; init; } = "";

    internal static Report Load(string folder, string name)
    {
        var sql = SqlResources.Text(folder, name);
        var parameters = Declaration().Matches(sql).Select(match => new ReportParameter(
            match.Groups["name"].Value, match.Groups["type"].Value, match.Groups["default"].Value, match.Groups["meaning"].Value));
        return new(name, sql[..sql.IndexOf('\n', StringComparison.Ordinal)].TrimStart('-', ' '), [.. parameters]) { Sql = sql };
    }

    /// <summary>The declared default or the given text of every parameter, as its type.</summary>
    internal Dictionary<string, object> Values(IReadOnlyDictionary<string, string> given)
    {
        foreach (var name in given.Keys)
            if (Parameters.All(parameter => parameter.Name != name))
                throw new RefusedException($"report {Name} has no parameter '{name}'; it has " +
                    (Parameters.Count == 0 ? "none" : string.Join(", ", Parameters.Select(parameter => $"{parameter.Name} ({parameter.Type})"))));
        return Parameters.ToDictionary(parameter => parameter.Name, parameter => Value(parameter, given.GetValueOrDefault(parameter.Name, parameter.Default)));
    }

    private object Value(ReportParameter parameter, string text) => parameter.Type switch
    {
        "date" when DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) => day,
        "integer" when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        "number" when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real) => real,
        "text" => text,
        var type when type.StartsWith(OneOf, StringComparison.Ordinal) && Choices(type).Contains(text) => text,
        _ => throw new RefusedException($"parameter {parameter.Name} of report {Name} is '{text}', expected " + parameter.Type switch
        {
            "date" => "a date such as 2011-11-05",
            "integer" => "a whole number",
            "number" => "a number such as 0.05",
            var type => $"one of {string.Join(", ", Choices(type))}",
        }),
    };

    private static string[] Choices(string type) => type[OneOf.Length..^1].Split(',');

    [GeneratedRegex(@"^-- \$(?<name>\w+) (?<type>date|integer|number|text|one-of\([^)]+\)) (?<default>\S+): (?<meaning>.+)$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Declaration();
}

/// <summary>A parameter of a report.</summary>
/// <param name="Name">As in the SQL, without the dollar.</param>
/// <param name="Type">date (such as 2011-11-05, UTC), integer, number (such as 0.05), text, or one-of(a,b,c): one of these texts.</param>
/// <param name="Default">Stands in where nothing is given.</param>
/// <param name="Meaning">For a person.</param>
public readonly record struct ReportParameter(string Name, string Type, string Default, string Meaning);
