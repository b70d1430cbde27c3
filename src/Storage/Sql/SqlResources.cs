using System.Reflection;

namespace Recs.Storage.Sql;

/// <summary>The repository's <c>sql</c> folder, carried inside this assembly so that every build finds the text it was made with.</summary>
internal static class SqlResources
{
    private static readonly Assembly Carrier = typeof(SqlResources).Assembly;

    /// <summary>Names (without folder and <c>.sql</c>) in <paramref name="folder"/>, such as "sql/reports", in ordinal order.</summary>
    public static IReadOnlyList<string> Names(string folder) => [.. Carrier.GetManifestResourceNames()
        .Select(name => name.Replace('\\', '/'))
        .Where(name => name.StartsWith(folder + "/", StringComparison.Ordinal) && name.EndsWith(".sql", StringComparison.Ordinal))
        .Select(name => name[(folder.Length + 1)..^".sql".Length])
        .Where(name => !name.Contains('/', StringComparison.Ordinal))
        .Order(StringComparer.Ordinal)];

    /// <summary>The text of a file that <see cref="Names"/> listed, with line feeds only: a checkout's line endings change no checksum.</summary>
    public static string Text(string folder, string name)
    {
        var resource = Carrier.GetManifestResourceNames().Single(known => known.Replace('\\', '/') == $"{folder}/{name}.sql");
        using var reader = new StreamReader(Carrier.GetManifestResourceStream(resource)!);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
