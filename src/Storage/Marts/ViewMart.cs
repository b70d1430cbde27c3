using System.Text.RegularExpressions;
using Recs.Storage.Migrations;
using Recs.Storage.Sql;

namespace Recs.Storage.Marts;

/// <summary>A mart that is a view: a file of <c>sql/marts</c> without days, whose head says what its columns are (<c>-- - name: meaning</c>, a line each).</summary>
/// <param name="Name">Of the file and the view.</param>
/// <param name="Select">Its rows.</param>
internal sealed partial record ViewMart(string Name, string Select)
{
    /// <summary>In an order in which each comes after those that it reads, else by name.</summary>
    public static IReadOnlyList<ViewMart> All { get; } = InOrder([.. SqlResources.Names(TableMart.Folder)
        .Select(name => new ViewMart(name, SqlResources.Text(TableMart.Folder, name)))
        .Where(mart => !TableMart.IsTable(mart.Select))]);

    /// <summary>A view made of another text is made anew.</summary>
    public string Checksum { get; } = Migration.ChecksumOf(Select);

    /// <summary>What it is about, and what one row is.</summary>
    public string Meaning { get; } = Summary().Match(Select) is { Success: true } head ? $"{head.Groups["what"].Value} Grain: {head.Groups["grain"].Value}"
        : throw new InvalidOperationException($"sql/marts/{Name}.sql does not begin with a line of what it is and one of its grain");

    /// <summary>The columns that its head explains, in the order of the head.</summary>
    public IReadOnlyList<(string Column, string Meaning)> Columns { get; } = [.. Column().Matches(Select).Select(line => (line.Groups["name"].Value, line.Groups["meaning"].Value))];

    private static List<ViewMart> InOrder(IReadOnlyList<ViewMart> marts)
    {
        var reads = marts.ToDictionary(mart => mart, mart => marts.Where(other => other != mart && mart.Reads(other.Name)).ToList());
        List<ViewMart> ordered = [];
        while (ordered.Count < marts.Count)
            ordered.Add(marts.FirstOrDefault(mart => !ordered.Contains(mart) && reads[mart].TrueForAll(ordered.Contains))
                ?? throw new InvalidOperationException($"views of sql/marts read each other in a circle: {string.Join(", ", marts.Except(ordered).Select(mart => mart.Name))}"));
        return ordered;
    }

    private bool Reads(string other) => Select.Split('\n').Any(line => !line.TrimStart().StartsWith("--", StringComparison.Ordinal) && Regex.IsMatch(line, $@"\b{other}\b", RegexOptions.CultureInvariant));

    [GeneratedRegex(@"\A-- (?<what>.+)\n-- Grain: (?<grain>.+)\n", RegexOptions.CultureInvariant)]
    private static partial Regex Summary();

    [GeneratedRegex(@"^-- - (?<name>\w+): (?<meaning>.+)$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Column();
}
