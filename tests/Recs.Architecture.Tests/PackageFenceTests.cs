using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Recs.Architecture.Tests;

/// <summary>A heavy dependency has one room; it is fenced in by the project files and by the text of the sources.</summary>
public sealed partial class PackageFenceTests
{
    // Beginning of the package's name, its namespaces, and the projects that may use it.
    private static readonly (string Package, string Namespace, string[] Rooms)[] Fences =
    [
        ("Confluent.Kafka", "Confluent", ["Recs.Ingest", "Recs.Api"]),
        ("Npgsql", "Npgsql(Types)?", ["Recs.Storage"]),
        ("DuckDB.NET", "DuckDB", ["Recs.Storage"]),
        ("Dapper", "Dapper", ["Recs.Storage"]),
        ("Microsoft.ML", "Microsoft\\.ML", ["Recs.Ranker", "Recs.Embedder"]),
        ("Microsoft.Extensions.AI", "Microsoft\\.Extensions\\.AI", ["Recs.Embedder", "Recs.Api"]),
        ("LightGBM", "LightGBM", ["Recs.Ranker"]),
        ("Apache.Arrow", "Apache\\.Arrow", ["Recs.Ranker", "Recs.Pipelines"]),
        ("ParquetSharp", "ParquetSharp", ["Recs.Pipelines"]),
        ("Microsoft.AspNetCore", "Microsoft\\.AspNetCore", ["Recs.Api"]),
        ("CsvHelper", "CsvHelper", ["Recs.Pipelines"]),
        ("Spectre.Console", "Spectre", ["Recs.Pipelines"]),
        ("System.CommandLine", "System\\.CommandLine", ["Recs.Pipelines"]),
        ("YamlDotNet", "YamlDotNet", ["Recs.Pipelines"]),
        ("OpenTelemetry", "OpenTelemetry", ["Recs.Api", "Recs.Pipelines"]),
        ("Grpc", "Grpc", ["Recs.Api"]),
    ];

    private static IEnumerable<string> Rooms => Repository.Projects.Keys.Where(project => !project.EndsWith(".Tests", StringComparison.Ordinal));

    [Fact]
    public void Projects_FencedPackages_AreReferencedByTheirRoomsOnly()
    {
        foreach (var room in Rooms)
            foreach (var name in Repository.Included(Repository.Projects[room], "PackageReference").Concat(Repository.Included(Repository.Projects[room], "FrameworkReference")))
                foreach (var (package, _, rooms) in Fences)
                    if (name.StartsWith(package, StringComparison.Ordinal)) Assert.True(rooms.Contains(room), $"{room} references {name}");
    }

    [Fact]
    public void Sources_FencedNamespaces_AreNamedByTheirRoomsOnly()
    {
        List<string> crossed = [];
        var met = new HashSet<string>();
        foreach (var room in Rooms)
            foreach (var path in Repository.Sources(Repository.Folder(room)))
                foreach (var (number, text) in Repository.Code(path))
                    foreach (var (package, name, rooms) in Fences)
                    {
                        // A using, or a name written out in full; not a word within a string.
                        if (!Regex.IsMatch(text, $@"(^\s*(global )?using (static )?(\w+ = )?(global::)?|global::|[\s(<]){name}(\.[A-Z]\w*)*[;.]") || InString(text, name)) continue;
                        met.Add(package);
                        if (!rooms.Contains(room)) crossed.Add($"{path}:{number}: {text.Trim()}");
                    }
        Repository.AssertNone(crossed);
        // The search finds what is there: nearly every fence holds something in.
        Assert.Superset(new HashSet<string> { "Confluent.Kafka", "Npgsql", "DuckDB.NET", "Dapper", "Microsoft.ML", "Apache.Arrow" }, met);
    }

    [Fact]
    public void Embedder_OthersEcosystems_AreMetInOneFolderAndBringNoTrainers()
    {
        foreach (var path in Repository.Sources("src/Embedder").Where(path => !path.Contains("/Ecosystem/", StringComparison.Ordinal)))
            foreach (var (number, text) in Repository.Code(path))
                Assert.False(text.Contains("Microsoft.ML", StringComparison.Ordinal) || text.Contains("Microsoft.Extensions.AI", StringComparison.Ordinal), $"{path}:{number}: {text.Trim()}");
        Repository.AssertNone(Repository.Included(Repository.Projects["Recs.Embedder"], "PackageReference").Where(name => name.StartsWith("Microsoft.ML.", StringComparison.Ordinal)));
    }

    [Fact]
    public void Rooms_Usings_AreNotWidenedForTheWholeProject()
    {
        foreach (var room in Rooms.Where(room => room != "Recs.Api")) Repository.AssertNone(Repository.Included(Repository.Projects[room], "Using"));
    }

    [Fact]
    public void Domain_Packages_AreNone()
    {
        Repository.AssertNone(Repository.Included(Repository.Projects["Recs.Domain"], "PackageReference"));
        Repository.AssertNone(Repository.Included(Repository.Projects["Recs.Domain"], "FrameworkReference"));
    }

    [Fact]
    public void Domain_And_Features_DoNoInputOrOutput()
    {
        foreach (var path in Repository.Sources("src/Domain", "src/Features"))
            foreach (var (number, text) in Repository.Code(path))
                Assert.False(InputOrOutput().IsMatch(text), $"{path}:{number}: {text.Trim()}");
    }

    [Fact]
    public void Versions_OfPackages_AreGivenOnceAndCentrally()
    {
        var central = Repository.Included("Directory.Packages.props", "PackageVersion");
        Assert.Equal(central.Distinct(), central);
        string[] others = ["Directory.Build.props", "tests/Directory.Build.props"];
        foreach (var path in Repository.Projects.Values.Concat(others))
            foreach (var reference in XDocument.Load(Repository.Full(path)).Descendants("PackageReference"))
            {
                var name = reference.Attribute("Include")?.Value ?? "";
                Assert.True(reference.Attribute("Version") is null && reference.Attribute("VersionOverride") is null && reference.Element("Version") is null, $"{path} gives {name} a version");
                Assert.True(central.Contains(name), $"{path} references {name}, which has no central version");
            }
        // A version that floats would make two builds of one commit differ.
        foreach (var package in XDocument.Load(Repository.Full("Directory.Packages.props")).Descendants("PackageVersion"))
            Assert.Matches(@"^\d+(\.\d+)+(-[\w.]+)?$", package.Attribute("Version")?.Value ?? "");
    }

    [Fact]
    public void Versions_OfEveryProject_AreLocked() =>
        Repository.AssertNone(Repository.Projects.Values.Where(path => !File.Exists(Repository.Full(Path.Combine(Path.GetDirectoryName(path)!, "packages.lock.json")))));

    private static bool InString(string text, string name)
    {
        var at = Regex.Match(text, name).Index;
        return text.AsSpan(0, at).Count('"') % 2 == 1;
    }

    [GeneratedRegex(@"\b(File|Directory|FileStream|HttpClient|Socket|Process|Console|Environment)\.[A-Z]|new (FileStream|HttpClient|StreamReader|StreamWriter|Socket|Process)\b")]
    private static partial Regex InputOrOutput();
}
