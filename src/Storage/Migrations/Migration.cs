using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Recs.Storage.Sql;

namespace Recs.Storage.Migrations;

/// <summary>One step of the schema, named <c>V0001__what_it_does.sql</c>. Once released its text never changes.</summary>
/// <param name="Version">From 1, unique over all folders.</param>
/// <param name="Name">The file's name without <c>.sql</c>.</param>
/// <param name="Text">SQL, one or more statements.</param>
internal sealed record Migration(int Version, string Name, string Text)
{
    /// <summary>SHA-256 of the text, hex.</summary>
    public string Checksum { get; } = ChecksumOf(Text);

    /// <summary>The steps of <paramref name="folders"/> in version order.</summary>
    public static IReadOnlyList<Migration> In(params IEnumerable<string> folders) => [.. folders
        .SelectMany(folder => SqlResources.Names(folder).Select(name => new Migration(VersionOf(name), name, SqlResources.Text(folder, name))))
        .OrderBy(migration => migration.Version)];

    public static string ChecksumOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static int VersionOf(string name) => int.Parse(name.AsSpan(1, 4), NumberStyles.None, CultureInfo.InvariantCulture);
}
