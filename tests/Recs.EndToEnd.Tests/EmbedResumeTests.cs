using Recs.Tests;

namespace Recs.EndToEnd.Tests;

/// <summary><c>recs embed</c> killed in the middle, as a machine that fails would.</summary>
public sealed class EmbedResumeTests : IDisposable
{
    private const int Texts = 3_000;
    private static readonly string Model = Path.Combine(Requirements.Root, "models", "llama4-nano");
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recs-resume-");

    [Theory]
    [InlineData("arrow")]
    [InlineData("parquet")]
    public async Task Embed_KilledAndStartedAgain_SameBytesAsUninterrupted(string ending)
    {
        var input = In("texts.txt");
        await File.WriteAllLinesAsync(input, Enumerable.Range(0, Texts).Select(n => $"metal lantern number {n} of the shop's {n % 7} shelves"), TestContext.Current.CancellationToken);
        var (whole, cut) = (In("whole." + ending), In("cut." + ending));
        var (code, _, errors) = await RecsProgram.Run(Arguments(input, whole));
        Assert.True(code == 0, errors);

        var kills = 0;
        for (var most = 3; most <= 30; most += 27)
        {
            using var program = RecsProgram.Start(Arguments(input, cut));
            await Until(() => File.Exists(cut) || Blocks(cut) >= most);
            await program.Kill();
            if (!File.Exists(cut)) kills++;
        }
        Assert.True(kills > 0, "the program was never met in the middle");
        var met = File.Exists(cut) ? 0 : Blocks(cut);

        (code, var output, errors) = await RecsProgram.Run(Arguments(input, cut));
        Assert.True(code == 0, errors);
        if (met > 0) Assert.Contains("by an earlier run", output, StringComparison.Ordinal);
        Assert.Equal(await File.ReadAllBytesAsync(whole, TestContext.Current.CancellationToken), await File.ReadAllBytesAsync(cut, TestContext.Current.CancellationToken));
        Assert.False(Directory.Exists(cut + ".partial"));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static string[] Arguments(string input, string output) => ["embed", "--model", Model, "--input", input, "--output", output, "--block", "60", "--threads", "1"];

    private static int Blocks(string output)
    {
        try
        {
            return Directory.GetFiles(output + ".partial", "0*").Length;
        }
        catch (DirectoryNotFoundException)
        {
            return 0; // not yet, or no more
        }
    }

    // Another process's progress is seen on disk only: it is asked for, with a limit.
    private static async Task Until(Func<bool> reached)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (!reached()) await Task.Delay(1, patience.Token);
    }

    private string In(string name) => Path.Combine(_folder.FullName, name);
}
