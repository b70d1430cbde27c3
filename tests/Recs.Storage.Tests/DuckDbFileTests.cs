using System.Diagnostics;
using Recs.Domain;
using Recs.Tests;

namespace Recs.Storage.Tests;

public sealed class DuckDbFileTests
{
    private const string HoldVariable = "RECS_TEST_HOLD";

    [Fact]
    public void Open_BrokenFile_IsRefusedByName()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, string.Concat(Enumerable.Repeat("no database ", 2_000)));
        var fault = Assert.Throws<RefusedException>(() => EventStore.Open("duckdb:" + file));
        Assert.Contains(file, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
        File.Delete(file);
    }

    [Fact]
    public void Open_CutFile_IsRefusedByName()
    {
        using var database = TestDatabase.DuckDb();
        using (database.Open()) { }
        var file = database.Url["duckdb:".Length..];
        using (var stream = File.OpenWrite(file)) stream.SetLength(6_000);
        var fault = Assert.Throws<RefusedException>(() => EventStore.Open(database.Url));
        Assert.Contains(file, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
    }

    [Theory]
    [InlineData("duckdb:")]
    [InlineData("duckdb:/")]
    [InlineData("duckdb:/dev/null/events.duckdb")]
    public void Open_NoFileToBe_IsRefused(string url) =>
        Assert.DoesNotContain('\n', Assert.Throws<RefusedException>(() => EventStore.Open(url)).Message);

    [Fact]
    public void Open_NewFolderWithSpaceAndQuote_IsMade()
    {
        var folder = Directory.CreateTempSubdirectory("recs '=; ").FullName;
        using (var store = EventStore.Open($"duckdb:{folder}/a b/events.duckdb")) store.Migrate();
        Assert.True(File.Exists($"{folder}/a b/events.duckdb"));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Open_InMemory_IsAStoreOfItsOwn()
    {
        using var one = EventStore.Open("duckdb::memory:");
        using var other = EventStore.Open("duckdb::memory:");
        one.Migrate();
        other.Migrate();
        one.Append(An.Batch(An.Interaction("e1")));
        Assert.Equal((1, 0), (one.Count().Interactions, other.Count().Interactions));
    }

    [Fact]
    public void Open_FileHeldByAnotherProcess_IsRefusedInOneLine()
    {
        using var database = TestDatabase.DuckDb();
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["-method", $"{typeof(DuckDbFileTests).FullName}.{nameof(HoldUntilInputEnds)}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            Environment = { [HoldVariable] = database.Url },
        };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet") start.ArgumentList.Insert(0, typeof(DuckDbFileTests).Assembly.Location);
        using var holder = Process.Start(start)!;
        var held = Path.Combine(Path.GetDirectoryName(database.Url["duckdb:".Length..])!, "held");
        Assert.True(SpinWait.SpinUntil(() => File.Exists(held) || holder.HasExited, TimeSpan.FromSeconds(60)) && !holder.HasExited, "the holder did not start");
        var fault = Assert.Throws<RefusedException>(() => EventStore.Open(database.Url));
        Assert.EndsWith("is in use by another process; stop that one, or use PostgreSQL, which several processes may share", fault.Message, StringComparison.Ordinal);
        holder.StandardInput.Close();
        holder.StandardOutput.ReadToEnd();
        holder.WaitForExit();
        using var free = database.Open();
    }

    /// <summary>The other process of the test above: opens the file, says so by a file beside it, and ends with its input.</summary>
    [Fact]
    public void HoldUntilInputEnds()
    {
        if (Environment.GetEnvironmentVariable(HoldVariable) is not { } url) return;
        using var store = EventStore.Open(url);
        File.WriteAllText(Path.Combine(Path.GetDirectoryName(url["duckdb:".Length..])!, "held"), "");
        while (Console.In.ReadLine() is not null) { }
    }
}
