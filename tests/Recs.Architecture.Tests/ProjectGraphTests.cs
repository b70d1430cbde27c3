namespace Recs.Architecture.Tests;

/// <summary>References point downward only: the table of rooms in ARCHITECTURE.md.</summary>
public sealed class ProjectGraphTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Recs.Domain"] = [],
        ["Recs.Features"] = ["Recs.Domain"],
        ["Recs.Storage"] = ["Recs.Domain"],
        ["Recs.Embedder"] = ["Recs.Domain"],
        ["Recs.Ingest"] = ["Recs.Domain", "Recs.Features", "Recs.Storage"],
        ["Recs.Ranker"] = ["Recs.Domain", "Recs.Features"],
        ["Recs.Api"] = ["Recs.Domain", "Recs.Features", "Recs.Ingest", "Recs.Ranker", "Recs.Storage"],
        ["Recs.Pipelines"] = ["Recs.Api", "Recs.Domain", "Recs.Embedder", "Recs.Features", "Recs.Ingest", "Recs.Ranker", "Recs.Storage"],
    };

    [Fact]
    public void Rooms_References_AreThoseOfTheTable()
    {
        var rooms = Repository.Projects.Keys.Where(project => !IsTest(project)).Order(StringComparer.Ordinal);
        Assert.Equal(Allowed.Keys.Order(StringComparer.Ordinal), rooms);
        foreach (var (room, references) in Allowed) Assert.Equal((room, string.Join(' ', references)), (room, string.Join(' ', Repository.References(room))));
    }

    [Fact]
    public void Tests_References_StayWithinWhatTheirRoomMayReference()
    {
        foreach (var project in Repository.Projects.Keys.Where(IsTest))
        {
            var room = project[..^".Tests".Length];
            // Tests of more than one room: SQL is reached through Storage, the end-to-end tests run the program.
            string[] allowed = room switch
            {
                "Recs.Architecture" => [],
                "Recs.Sql" => ["Recs.Domain", "Recs.Storage"],
                "Recs.Faults" => ["Recs.Domain", "Recs.Features", "Recs.Ingest", "Recs.Pipelines", "Recs.Ranker", "Recs.Storage"],
                "Recs.EndToEnd" => ["Recs.Domain", "Recs.Pipelines", "Recs.Storage"],
                "Recs.Gpu" => ["Recs.Domain", "Recs.Embedder"],
                "Recs.Embedder" => ["Recs.Domain", "Recs.Embedder", "Recs.Gpu.Tests"], // only so that it is built
                _ => [room, .. Allowed[room]],
            };
            Repository.AssertNone(Repository.References(project).Except(allowed).Select(reference => $"{project} references {reference}"));
        }
    }

    [Fact]
    public void Rooms_EachOfThem_HasTests() => Repository.AssertNone(Allowed.Keys.Where(room => !Repository.Projects.ContainsKey(room + ".Tests")));

    [Fact]
    public void Solution_Projects_AreAllInIt()
    {
        var solution = Repository.Text("Recs.sln").Replace('\\', '/');
        Repository.AssertNone(Repository.Projects.Values.Where(path => !solution.Contains($"\"{path}\"", StringComparison.Ordinal)));
    }

    [Fact]
    public void Rooms_Internals_AreOpenToTheirTestsOnly()
    {
        // What is internal is seen by the room's own tests and, where SQL is tested through Storage and the embedder on a GPU or from the command line, by those.
        foreach (var project in Repository.Projects.Keys.Where(project => !IsTest(project)))
        {
            string[] friends = project switch
            {
                "Recs.Storage" => [project + ".Tests", "Recs.Sql.Tests", "Recs.Ingest.Tests"],
                "Recs.Ingest" => [project + ".Tests", "Recs.Faults.Tests"], // the fault suite takes embedded brokers off the network
                "Recs.Embedder" => [project + ".Tests", "Recs.Gpu.Tests", "Recs.Pipelines.Tests"],
                _ => [project + ".Tests"],
            };
            Repository.AssertNone(Repository.Included(Repository.Projects[project], "InternalsVisibleTo").Except(friends));
        }
    }

    private static bool IsTest(string project) => project.EndsWith(".Tests", StringComparison.Ordinal);
}
