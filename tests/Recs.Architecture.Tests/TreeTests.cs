using System.Text.RegularExpressions;

namespace Recs.Architecture.Tests;

/// <summary>What lies in the repository: only what may be passed on, and papers whose links lead somewhere.</summary>
public sealed partial class TreeTests
{
    [Fact]
    public void Tracked_DataOfOthers_IsNotInTheTree() => Repository.AssertNone(Repository.Tracked().Where(path => Forbidden().IsMatch(path)));

    [Theory]
    [InlineData("data/ml-100k/u.data")]
    [InlineData("x/u.item")]
    [InlineData("u1.base")]
    [InlineData("models/scout/tokenizer.model")]
    [InlineData("a/ratings.dat")]
    [InlineData("b/frappe.csv")]
    [InlineData("b/meta_app.csv")]
    [InlineData("c/2997/train.log.txt")]
    [InlineData("c/train.yzx.txt")]
    [InlineData("imp.20130606.ipinyou")]
    [InlineData("d/train.tsv")]
    [InlineData("d/valid_ood2.pkl")]
    [InlineData("d/behaviors.tsv")]
    public void Forbidden_NamesOfSuchFiles_AreRecognized(string path) => Assert.Matches(Forbidden(), path);

    [Fact]
    public void Tracked_Data_IsTheOnlineRetailSetOnly() => Repository.AssertNone(Repository.Tracked()
        .Where(path => path.StartsWith("data/", StringComparison.Ordinal) && path is not "data/README.md" && !path.StartsWith("data/online-retail/", StringComparison.Ordinal)));

    [Fact]
    public void Tracked_Models_AreTheSmallOneOnly() => Repository.AssertNone(Repository.Tracked()
        .Where(path => path.StartsWith("models/", StringComparison.Ordinal) && path is not "models/README.md" && !path.StartsWith("models/llama4-nano/", StringComparison.Ordinal)));

    [Fact]
    public void Tracked_Files_AreSmallAndNoBuildOutput()
    {
        foreach (var path in Repository.Tracked())
        {
            Assert.DoesNotMatch(@"(^|/)(bin|obj|artifacts|\.vs)/|\.(duckdb|wal|user|log)$", path);
            if (File.Exists(Repository.Full(path))) Assert.True(new FileInfo(Repository.Full(path)).Length < 16 << 20, $"{path} has 16 MiB or more");
        }
    }

    [Theory]
    [InlineData("LICENSE")]
    [InlineData("NOTICE")]
    [InlineData("README.md")]
    [InlineData("ARCHITECTURE.md")]
    [InlineData("CHANGELOG.md")]
    public void Papers_OfTheHouse_AreThere(string name) => Assert.True(new FileInfo(Repository.Full(name)) is { Exists: true, Length: > 100 }, name);

    [Fact]
    public void Papers_License_IsApache2() => Assert.Contains("Apache License", Repository.Text("LICENSE"), StringComparison.Ordinal);

    [Fact]
    public void Papers_Notice_NamesTheBundledData() => Assert.Contains("10.24432/C5BW33", Repository.Text("NOTICE"), StringComparison.Ordinal);

    [Fact]
    public void Papers_RelativeLinks_LeadToFilesAndHeadings()
    {
        List<string> broken = [];
        foreach (var paper in Repository.Tracked().Where(path => path.EndsWith(".md", StringComparison.Ordinal) && File.Exists(Repository.Full(path))))
            foreach (Match link in Link().Matches(WithoutCode(Repository.Text(paper))))
            {
                var target = link.Groups[1].Value;
                if (target.Contains("://", StringComparison.Ordinal) || target.StartsWith("mailto:", StringComparison.Ordinal)) continue;
                var (path, heading) = target.Split('#', 2) is [var before, var after] ? (before, after) : (target, null);
                var full = path.Length == 0 ? Repository.Full(paper) : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Repository.Full(paper))!, Uri.UnescapeDataString(path)));
                if (!File.Exists(full) && !Directory.Exists(full)) broken.Add($"{paper}: {target}");
                else if (heading is not null && full.EndsWith(".md", StringComparison.Ordinal) && !Headings(File.ReadAllText(full)).Contains(heading)) broken.Add($"{paper}: no heading {target}");
            }
        Repository.AssertNone(broken);
    }

    [Fact]
    public void Headings_OfAPaper_BecomeAnchorsAsOnGitHub() =>
        Assert.Equal(["what-it-is", "run-it-recs-demo", "run-it-recs-demo-1"], Headings("# What it is\n\n## Run it: `recs demo`!\n```\n# no heading\n```\n## Run it: recs demo\n"));

    private static List<string> Headings(string text)
    {
        List<string> anchors = [];
        foreach (Match heading in Heading().Matches(WithoutFences(text)))
        {
            var anchor = new string([.. heading.Groups[1].Value.Trim().ToLowerInvariant().Where(letter => char.IsLetterOrDigit(letter) || letter is ' ' or '-' or '_')]).Replace(' ', '-');
            var same = anchors.Count(other => other == anchor || other.StartsWith(anchor + "-", StringComparison.Ordinal) && int.TryParse(other[(anchor.Length + 1)..], null, out _));
            anchors.Add(same == 0 ? anchor : $"{anchor}-{same}");
        }
        return anchors;
    }

    private static string WithoutFences(string text) => Fence().Replace(text, "");

    private static string WithoutCode(string text) => Regex.Replace(WithoutFences(text), "`[^`\n]*`", "`");

    [GeneratedRegex(@"!?\[[^\]]*\]\(<?([^)\s>]+)>?(?:\s+""[^""]*"")?\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#{1,6} (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    // MovieLens, CoLLM's splits, Frappe, iPinYou, MIND, and Meta's tokenizer: their licences do not allow passing them on.
    [GeneratedRegex(@"(^|/)(u\.(data|item|user|genre|info|occupation)|u[1-5ab]\.(base|test)|(movies|ratings|users)\.dat|tokenizer\.model|train\.tsv|valid\.tsv|test\.tsv|behaviors\.tsv|news\.tsv|.*\.ipinyou|.*ipinyou.*\.(txt|csv|bz2)|(train|test)\.(log|yzx)\.txt|frappe.*\.(csv|libfm|h5)|meta_app\.csv|(train|valid|test)_ood2?.*\.pkl)$", RegexOptions.IgnoreCase)]
    private static partial Regex Forbidden();
}
