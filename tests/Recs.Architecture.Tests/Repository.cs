using System.Diagnostics;
using System.Xml.Linq;
using Recs.Tests;

namespace Recs.Architecture.Tests;

/// <summary>The working tree as text: projects, sources and tracked files. Paths are relative to the root, with '/'.</summary>
internal static class Repository
{
    public static string Full(string path) => Path.Combine(Requirements.Root, path);

    public static string Text(string path) => File.ReadAllText(Full(path));

    /// <summary>Project files under src, pipelines and tests, by project name.</summary>
    public static IReadOnlyDictionary<string, string> Projects { get; } = new[] { "src", "pipelines", "tests" }
        .SelectMany(room => Files(room, "*.csproj")).ToDictionary(path => Path.GetFileNameWithoutExtension(path), StringComparer.Ordinal);

    /// <summary>Names of the elements <paramref name="kind"/> of a project or props file.</summary>
    public static IReadOnlyList<string> Included(string path, string kind) =>
        [.. XDocument.Load(Full(path)).Descendants(kind).Select(element => element.Attribute("Include")?.Value ?? element.Attribute("Update")?.Value ?? "")];

    /// <summary>The rooms a project references, by project name.</summary>
    public static IReadOnlyList<string> References(string project) =>
        [.. Included(Projects[project], "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)];

    /// <summary>C# sources under a folder, without what a build makes.</summary>
    public static IEnumerable<string> Sources(params string[] folders) => folders.SelectMany(folder => Files(folder, "*.cs"));

    /// <summary>The folder of a project's sources.</summary>
    public static string Folder(string project) => Path.GetDirectoryName(Projects[project])!.Replace('\\', '/');

    /// <summary>The lines of a source that are no comments, with their numbers from 1.</summary>
    public static IEnumerable<(int Number, string Text)> Code(string path) => File.ReadLines(Full(path)).Select((text, at) => (at + 1, text))
        .Where(line => !line.text.TrimStart().StartsWith("//", StringComparison.Ordinal));

    /// <summary>Fails with the whole list of what should not be there.</summary>
    public static void AssertNone(IEnumerable<string> offenders) => Assert.Equal("", string.Join('\n', offenders));

    /// <summary>The files that git tracks.</summary>
    public static IReadOnlyList<string> Tracked()
    {
        Requirements.Need("git", Directory.Exists(Full(".git")) || File.Exists(Full(".git")), "this is no git working tree");
        using var git = new Process { StartInfo = new ProcessStartInfo("git", ["-c", "core.quotepath=off", "ls-files"]) { WorkingDirectory = Requirements.Root, RedirectStandardOutput = true } };
        git.Start();
        var text = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static IEnumerable<string> Files(string folder, string pattern) => Directory.EnumerateFiles(Full(folder), pattern, SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(Requirements.Root, path).Replace('\\', '/'))
        .Where(path => !path.Split('/').Any(part => part is "bin" or "obj" or "artifacts")).Order(StringComparer.Ordinal);
}
