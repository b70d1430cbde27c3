using System.Text.RegularExpressions;

namespace Recs.Architecture.Tests;

public sealed partial class SourceTests
{
    [Fact]
    public void Sources_Length_IsAtMost300Lines() => Repository.AssertNone(Repository.Sources("src", "pipelines")
        .Select(path => (Path: path, Lines: File.ReadLines(Repository.Full(path)).Count())).Where(file => file.Lines > 300).Select(file => $"{file.Path} has {file.Lines} lines"));

    [Fact]
    public void Folders_Names_SayWhatIsInThem()
    {
        string[] empty = ["Util", "Utils", "Utilities", "Common", "Shared", "Helper", "Helpers", "Manager", "Managers", "Misc", "Extensions"];
        Repository.AssertNone(Repository.Sources("src", "pipelines", "tests").Where(path => path.Split('/').SkipLast(1).Any(part => empty.Contains(part, StringComparer.OrdinalIgnoreCase))));
        Repository.AssertNone(Repository.Sources("src", "pipelines").Where(path => EmptyName().IsMatch(Path.GetFileName(path))));
    }

    [Fact]
    public void Sources_Namespace_IsThatOfTheProject()
    {
        List<string> wrong = [];
        foreach (var project in Repository.Projects.Keys)
            foreach (var path in Repository.Sources(Repository.Folder(project)))
            {
                if (path == "pipelines/Program.cs") continue; // top-level statements have none
                var name = Repository.Code(path).Select(line => Namespace().Match(line.Text)).FirstOrDefault(match => match.Success)?.Groups[1].Value;
                if (name != project && name?.StartsWith(project + ".", StringComparison.Ordinal) != true) wrong.Add($"{path}: {name ?? "none"}");
            }
        Repository.AssertNone(wrong);
    }

    [Fact]
    public void Sources_TypeOfTheFile_IsNamedLikeIt()
    {
        // One concept a file, found by its name; two files are families of small records.
        List<string> wrong = [];
        foreach (var path in Repository.Sources("src", "pipelines"))
        {
            var name = Path.GetFileNameWithoutExtension(path).Split('.')[0];
            if (name is "Program" or "Identifiers" or "Answers") continue;
            if (!Repository.Code(path).Any(line => Regex.IsMatch(line.Text, $@"\b(class|record|struct|interface|enum|delegate)\b.*\b{Regex.Escape(name)}\b"))) wrong.Add(path);
        }
        Repository.AssertNone(wrong);
    }

    [Fact]
    public void Sources_UnfinishedWork_IsNotMarkedInThem()
    {
        List<string> found = [];
        foreach (var path in Repository.Sources("src", "pipelines", "tests"))
            foreach (var (line, number) in File.ReadLines(Repository.Full(path)).Select((line, at) => (line, at + 1)))
                if (Unfinished().IsMatch(line) && !path.EndsWith("/SourceTests.cs", StringComparison.Ordinal)) found.Add($"{path}:{number}");
        Repository.AssertNone(found);
    }

    [Fact]
    public void BannedSymbols_OfTheWallClockAndChance_AreInEveryBuild()
    {
        var props = Repository.Text("Directory.Build.props");
        Assert.Contains("Microsoft.CodeAnalysis.BannedApiAnalyzers", Repository.Included("Directory.Build.props", "PackageReference"));
        Assert.Contains(Repository.Included("Directory.Build.props", "AdditionalFiles"), path => path.EndsWith("BannedSymbols.txt", StringComparison.Ordinal));
        Assert.Contains("<TreatWarningsAsErrors>true</TreatWarningsAsErrors>", props, StringComparison.Ordinal);
        var banned = File.ReadAllLines(Repository.Full("BannedSymbols.txt")).Select(line => line.Split(';')[0]).ToHashSet();
        Assert.Superset(new HashSet<string>
        {
            "P:System.DateTime.Now", "P:System.DateTime.UtcNow", "P:System.DateTime.Today", "P:System.DateTimeOffset.Now", "P:System.DateTimeOffset.UtcNow",
            "M:System.Random.#ctor", "P:System.Random.Shared", "M:System.Guid.NewGuid",
        }, banned);
        // Nothing below the root cuts the chain of props, and no project turns a check off.
        Assert.Contains("GetPathOfFileAbove", Repository.Text("tests/Directory.Build.props"), StringComparison.Ordinal);
        foreach (var path in Repository.Projects.Values)
        {
            var text = Repository.Text(path);
            Assert.DoesNotContain("RS0030", text, StringComparison.Ordinal);
            Assert.DoesNotContain("TreatWarningsAsErrors", text, StringComparison.Ordinal);
            Assert.DoesNotContain("ImportDirectoryBuildProps", text, StringComparison.Ordinal);
        }
        foreach (var path in Repository.Sources("src", "pipelines"))
            Assert.DoesNotContain("disable RS0030", Repository.Text(path), StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^\s*namespace ([\w.]+)")]
    private static partial Regex Namespace();

    [GeneratedRegex(@"(Utils?|Utilities|Helpers?|Manager|Common)\.cs$")]
    private static partial Regex EmptyName();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b")]
    private static partial Regex Unfinished();
}
