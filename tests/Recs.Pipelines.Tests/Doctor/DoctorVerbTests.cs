using System.Text.Json;
using Recs.Pipelines.Tests.CommandLine;

namespace Recs.Pipelines.Tests.Doctor;

[Collection(nameof(ConsoleTests))]
public sealed class DoctorVerbTests : IDisposable
{
    private readonly TestFolder _folder = new();

    [Fact]
    public async Task Doctor_AnyMachine_OneLineAPartAndAMatchingExitCode()
    {
        var (code, said, complained) = await RecsProgram.Run("doctor", "--json", _folder.In("doctor.json"));
        var result = JsonDocument.Parse(File.ReadAllText(_folder.In("doctor.json"))).RootElement;
        var findings = result.GetProperty("findings").EnumerateArray().ToList();
        Assert.Empty(complained);
        Assert.Equal(findings.Count + 1, said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal(result.GetProperty("ready").GetBoolean() ? 0 : 1, code);
        Assert.All(findings, finding => Assert.Equal(finding.GetProperty("found").GetBoolean(), finding.GetProperty("advice").ValueKind == JsonValueKind.Null));
        // What these tests themselves run on must be found.
        foreach (var part in new[] { ".NET", "Kafka client", "DuckDB", "model", "data" })
            Assert.True(findings.Single(finding => finding.GetProperty("part").GetString() == part).GetProperty("found").GetBoolean(), part);
    }

    public void Dispose() => _folder.Dispose();
}
