using System.Text.Json;
using Recs.Pipelines.Tests.CommandLine;
using Recs.Pipelines.Tests.State;
using Recs.Tests;

namespace Recs.Pipelines.Tests.Run;

[Collection(nameof(ConsoleTests))]
public sealed class RunVerbTests : IDisposable
{
    private readonly TestFolder _folder = new();

    [Fact]
    public async Task Run_Jobs_InOrderWithVariables()
    {
        var url = SmallStore.Make(_folder.In("a.duckdb"), SmallStore.Facts());
        var file = _folder.Write("p.yaml", """
            name: daily
            variables: { db: nothing, out: here, report: "${out}/funnel.csv" }
            jobs:
              - run: check
                with: { db: "${db}" }
              - name: the funnel
                run: report
                with: { name: funnel, db: "${db}", format: csv, param: [from=2011-01-01, to=2011-12-31], output: "${report}" }
              - run: dlq list
                with: { db: "${db}", limit: 3 }
              - run: state
                with: { db: "${db}", verify: true }
            """);
        var said = await RecsProgram.Succeed("run", file, "--set", $"db={url}", "--set", $"out={_folder.Path}", "--json", _folder.In("run.json"));
        Assert.Contains("[2/4] the funnel: done", said, StringComparison.Ordinal);
        Assert.Contains("verify: equal", said, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder.In("funnel.csv")));
        Assert.Equal(4, JsonDocument.Parse(File.ReadAllText(_folder.In("run.json"))).RootElement.GetProperty("jobs").GetArrayLength());
    }

    [Fact]
    public async Task Run_FailingJob_StopsThere()
    {
        var file = _folder.Write("p.yaml", "name: p\njobs:\n  - run: report\n  - { name: the hole, run: state, with: { db: 'duckdb:none' } }\n  - { run: migrate, with: { db: 'duckdb:never.duckdb' } }\n");
        var (code, said, complained) = await RecsProgram.Run("run", file);
        Assert.Equal(1, code);
        Assert.Contains("[2/3] the hole: failed, exit code 1", said, StringComparison.Ordinal);
        Assert.DoesNotContain("[3/3]", said, StringComparison.Ordinal);
        Assert.Contains("job 'the hole' (2 of 3) failed with exit code 1", complained, StringComparison.Ordinal);
    }

    /// <summary>Every fault is one line with its place, and nothing runs before it.</summary>
    [Theory]
    [InlineData(":2: unknown key 'job'", "name: p", "job: []")]
    [InlineData(":3: unknown key 'wth'", "name: p", "jobs: [{ run: report,", "  wth: {} }]")]
    [InlineData(":3: there is no verb 'reprt'", "name: p", "jobs:", " - run: reprt")]
    [InlineData(":4: there is no verb 'dlq bury'", "name: p", "jobs:", " - run: report", " - run: dlq bury")]
    [InlineData(":3: verb 'dlq' needs one of list", "name: p", "jobs:", " - run: dlq")]
    [InlineData(":4: 'report' has no option 'formt'", "name: p", "jobs:", " - run: report", "   with: { formt: csv }")]
    [InlineData(":3: job 'report': ", "name: p", "jobs:", " - run: report", "   with: { format: xml }")]
    [InlineData(":4: job 'state': Option '--db' is required", "name: p", "jobs:", " - run: report", " - run: state")]
    [InlineData(":4: unknown variable 'dbb'", "name: p", "variables: { db: x }", "jobs: [{ run: check, with: {", " db: '${dbb}' } }]")]
    [InlineData(":3: a pipeline cannot run a pipeline", "name: p", "jobs:", " - run: run", "   with: { file: p.yaml }")]
    [InlineData(":1: the pipeline has no name", "jobs: [{ run: report }]")]
    [InlineData(":2: jobs must be a list", "name: p", "jobs: []")]
    [InlineData(":1: a pipeline must be a mapping", "- a")]
    [InlineData(":1: not YAML from here on", "name: [", "jobs: }")]
    [InlineData(":2: not YAML: ", "name: p", "jobs: \"\\x\"")]
    [InlineData(":1: 0 YAML documents", "")]
    [InlineData(":1: nested deeper than 16", "name: [[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]")]
    public async Task Run_Fault_OneLineWithItsPlaceBeforeAnythingRuns(string expected, params string[] lines)
    {
        var file = _folder.Write("p.yaml", string.Join('\n', lines) + "\n");
        var (code, said, complained) = await RecsProgram.Run("run", file);
        Assert.Equal(1, code);
        Assert.Empty(said);
        Assert.Contains("p.yaml" + expected, complained, StringComparison.Ordinal);
        Assert.Single(complained.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Run_UnknownVariableFromOutside_Refuses()
    {
        var file = _folder.Write("p.yaml", "name: p\nvariables: { db: x }\njobs: [{ run: report }]\n");
        Assert.Contains("declared are db", await RecsProgram.Fail(1, "run", file, "--set", "bd=y"), StringComparison.Ordinal);
        Assert.Contains("there is no file", await RecsProgram.Fail(1, "run", _folder.In("none.yaml")), StringComparison.Ordinal);
        await RecsProgram.Fail(2, "run");
    }

    [Fact]
    public async Task Run_Nightly_IsValidUpToItsFirstJob()
    {
        var (code, said, complained) = await RecsProgram.Run("run", Path.Combine(Requirements.Root, "pipelines", "nightly.yaml"),
            "--set", "db=mysql://nowhere", "--set", $"work={_folder.In("work")}");
        Assert.Equal(1, code);
        Assert.Contains("[1/4] snapshot: failed", said, StringComparison.Ordinal);
        Assert.Contains("job 'snapshot' (1 of 4)", complained, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
