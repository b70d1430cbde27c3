using System.Globalization;
using Recs.Domain;
using Recs.Embedder;
using Recs.Pipelines.CommandLine;
using Recs.Pipelines.Datasets.OnlineRetail;

namespace Recs.Pipelines.Doctor;

/// <summary>Programs on this machine and the repository's own files.</summary>
internal static class InstalledParts
{
    /// <summary>Where Debian and Red Hat keep servers' programs, out of PATH.</summary>
    private static readonly string[] PostgresFolders = ["/usr/lib/postgresql", "/usr/pgsql"];

    public static IEnumerable<Finding> Find()
    {
        yield return Program("PostgreSQL server", "postgres", "DuckDB is used", "for the cluster's store or its tests: apt-get install postgresql");
        yield return Program("psql", "psql", "recs itself does not need it", "to look into the store by hand: apt-get install postgresql-client");
        yield return Program("java", "java", "the embedded broker is used", "to run Apache Kafka here: apt-get install default-jre-headless");
        yield return Files("model", "models/llama4-nano", () =>
        {
            using var embedder = Llama4Embedder.Load(Home.Model, new EmbedderOptions());
            return $"{embedder.Dimensions} dimensions, version {embedder.Version}";
        });
        yield return Files("data", new OnlineRetailDataset().BundledFolder, () =>
        {
            var folder = Path.Combine(Home.Root, new OnlineRetailDataset().BundledFolder);
            return string.Create(CultureInfo.InvariantCulture, $"{OnlineRetailFiles.Products(folder).Count:N0} items, {OnlineRetailFiles.Purchases(folder).Count:N0} purchases");
        });
    }

    private static Finding Program(string part, string name, string otherwise, string advice)
    {
        var file = OperatingSystem.IsWindows() ? name + ".exe" : name;
        var found = Folders().Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);
        return found is not null ? Finding.Ok(part, found) : Finding.Without(part, $"no {name} in PATH: {otherwise}", advice);
    }

    private static IEnumerable<string> Folders() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Concat(PostgresFolders.Where(Directory.Exists).SelectMany(Directory.GetDirectories).Select(version => Path.Combine(version, "bin")));

    private static Finding Files(string part, string folder, Func<string> read)
    {
        try
        {
            return Finding.Ok(part, $"{folder}: {read()}", needed: true);
        }
        catch (Exception failed) when (failed is RefusedException or IOException or UnauthorizedAccessException)
        {
            return Finding.Missing(part, failed.Message.ReplaceLineEndings(" "), $"take {folder} from the repository again (git checkout -- {folder})");
        }
    }
}
