using System.Text.RegularExpressions;
using Recs.Storage.Migrations;
using Recs.Storage.Sql;

namespace Recs.Storage.Marts;

/// <summary>A mart that is kept as a table: a file of <c>sql/marts</c> that declares the days it is asked for, and the table of its name in <c>sql/schema</c>.</summary>
/// <param name="Name">Of the file and the table.</param>
/// <param name="Select">Its rows of the days <c>$from</c> to <c>$to</c>, made from the facts of <c>$window</c> days before to <c>$window</c> days after; columns as the table has them, in any order.</param>
/// <param name="Due">The days that the facts of batches after <c>$after</c>, up to <c>$upto</c>, may have changed.</param>
internal sealed partial record TableMart(string Name, string Select, string Due)
{
    public const string Folder = "sql/marts";

    /// <summary>In the order in which they are made.</summary>
    public static IReadOnlyList<TableMart> All { get; } = [.. SqlResources.Names(Folder)
        .Select(name => (Name: name, Text: SqlResources.Text(Folder, name)))
        .Where(mart => IsTable(mart.Text))
        .Select(mart => new TableMart(mart.Name, mart.Text, SqlResources.Text(Folder + "/due", mart.Name)))];

    /// <summary>Rows made with another text are made anew.</summary>
    public string Checksum { get; } = Migration.ChecksumOf(Select + Due);

    /// <summary>Columns that tell its rows apart, from the line <c>-- Key: a, b</c> of its head.</summary>
    public IReadOnlyList<string> Key { get; } = KeyLine().Match(Select) is { Success: true } line ? line.Groups["key"].Value.Split(", ")
        : throw new InvalidOperationException($"the head of sql/marts/{Name}.sql has no line '-- Key: column, column'");

    /// <summary>A mart without days is a view.</summary>
    public static bool IsTable(string text) => text.Contains("\n-- $from date ", StringComparison.Ordinal);

    [GeneratedRegex(@"^-- Key: (?<key>\w+(?:, \w+)*)$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex KeyLine();
}
