namespace Recs.Tests;

/// <summary>
/// What a test needs from the machine. A missing part skips the test with its reason;
/// where <c>RECS_REQUIRE</c> (comma-separated) names the part, the test fails instead, so that CI skips nothing unseen.
/// </summary>
internal static class Requirements
{
    /// <summary>Skips or fails when <paramref name="found"/> is false.</summary>
    public static void Need(string part, bool found, string reason)
    {
        if (found) return;
        var required = (Environment.GetEnvironmentVariable("RECS_REQUIRE") ?? "").Split(',', StringSplitOptions.TrimEntries);
        if (required.Contains(part)) Assert.Fail($"RECS_REQUIRE names '{part}', but {reason}");
        Assert.Skip($"needs {part}: {reason}");
    }

    /// <summary>The root of the repository: the nearest folder above the test that holds Recs.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A folder beside the repository that only some machines have (data and goldens that may not be passed on), or null.</summary>
    public static string? Shared(string path)
    {
        var full = Path.Combine(Path.GetDirectoryName(Root) ?? Root, "shared", path);
        return Directory.Exists(full) || File.Exists(full) ? full : null;
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Recs.sln"))) return folder.FullName;
        throw new InvalidOperationException($"no Recs.sln above {AppContext.BaseDirectory}");
    }
}
