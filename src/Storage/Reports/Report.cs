using System.Globalization;
using System.Text.RegularExpressions;
using Recs.Domain;
using Recs.Storage.Sql;

namespace Recs.Storage.Reports;

/// <summary>
/// A report or check as its file describes it: the first comment line says what it answers, lines <c>-- $name type default: meaning</c> declare parameters,
/// lines <c>-- chart bars|line x=column y=column [series=column]: caption</c> how an answer is drawn.
/// </summary>
/// <param name="Name">The file's name.</param>
/// <param name="Summary">One line.</param>
/// <param name="Parameters">What may be given.</param>
/// <param name="Charts">How to draw it.</param>
public sealed partial record Report(string Name, string Summary, IReadOnlyList<ReportParameter> Parameters, IReadOnlyList<ReportChart> Charts)
{
    /// <summary>Whether an answer without rows is one: the file says <c>-- may be empty: …</c>. Else it means that there is no data.</summary>
    public bool MayBeEmpty { get; private init; }

    /// <summary>What the file says of the answer's rows: its grain, inputs and measures, a paragraph each.</summary>
    public IReadOnlyList<string> Head { get; private init; } = [];

    internal string Sql { get; init; } = "";

    internal static Report Load(string folder, string name)
    {
        var sql = SqlResources.Text(folder, name);
        var parameters = Declaration().Matches(sql).Select(match => new ReportParameter(
            match.Groups["name"].Value, match.Groups["type"].Value, match.Groups["default"].Value, match.Groups["meaning"].Value)
        { Choices = match.Groups["choices"].Success ? match.Groups["choices"].Value.Split(',') : [] });
        var charts = Chart().Matches(sql).Select(match => new ReportChart(match.Groups["form"].Value == "line",
            match.Groups["x"].Value, match.Groups["y"].Value, match.Groups["series"].Success ? match.Groups["series"].Value : null, match.Groups["caption"].Value));
        return new(name, sql[..sql.IndexOf('\n', StringComparison.Ordinal)].TrimStart('-', ' '), [.. parameters], [.. charts])
        {
            Sql = sql,
            Head = HeadOf(sql),
            MayBeEmpty = sql.Contains("\n-- may be empty: ", StringComparison.Ordinal),
        };
    }

    // A paragraph begins with "Grain:", "Inputs:" and the like, and goes on over the lines that follow.
    private static List<string> HeadOf(string sql)
    {
        List<string> paragraphs = [];
        foreach (var line in sql.Split('\n').Skip(1).TakeWhile(line => line.StartsWith("-- ", StringComparison.Ordinal)).Select(line => line[3..]))
        {
            if (line[0] == '$' || line.StartsWith("chart ", StringComparison.Ordinal) || line.StartsWith("needs ", StringComparison.Ordinal) || line.StartsWith("may be empty:", StringComparison.Ordinal)) continue;
            if (paragraphs.Count == 0 || Paragraph().IsMatch(line)) paragraphs.Add(line);
            else paragraphs[^1] += " " + line;
        }
        return paragraphs;
    }

    [GeneratedRegex(@"^[A-Z]\w+: ", RegexOptions.CultureInvariant)]
    private static partial Regex Paragraph();

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
        "number" when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) => number,
        "text" => text,
        "one-of" when parameter.Choices.Contains(text, StringComparer.Ordinal) => text,
        "one-of" => throw new RefusedException($"parameter {parameter.Name} of report {Name} is '{text}'; did you mean {NearestNames.Nearest(text, parameter.Choices)}? It is one of {string.Join(", ", parameter.Choices)}"),
        _ => throw new RefusedException($"parameter {parameter.Name} of report {Name} is '{text}', expected " +
            parameter.Type switch { "date" => "a date such as 2011-11-05", "number" => "a number such as 0.05", _ => "a whole number" }),
    };

    [GeneratedRegex(@"^-- \$(?<name>\w+) (?:(?<type>date|integer|number|text)|(?<type>one-of)\((?<choices>[\w,-]+)\)) (?<default>\S+): (?<meaning>.+)$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"^-- chart (?<form>bars|line) x=(?<x>\w+) y=(?<y>\w+)(?: series=(?<series>\w+))?: (?<caption>.+)$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Chart();
}

/// <summary>A parameter of a report.</summary>
/// <param name="Name">As in the SQL, without the dollar.</param>
/// <param name="Type">date (such as 2011-11-05, UTC), integer, number, text, or one-of: a text among <c>Choices</c>.</param>
/// <param name="Default">Stands in where nothing is given.</param>
/// <param name="Meaning">For a person.</param>
public sealed record ReportParameter(string Name, string Type, string Default, string Meaning)
{
    /// <summary>What may be given where the type is one-of.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];
}

/// <summary>A drawing of a report's answer.</summary>
/// <param name="IsLine">A line through points in the order of the rows; else bars, one a row.</param>
/// <param name="X">The column along.</param>
/// <param name="Y">The column of numbers.</param>
/// <param name="Series">The column that tells lines apart; null for one.</param>
/// <param name="Caption">What is seen.</param>
public sealed record ReportChart(bool IsLine, string X, string Y, string? Series, string Caption);
