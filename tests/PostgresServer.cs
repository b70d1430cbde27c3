namespace Recs.Tests;

/// <summary>
/// A PostgreSQL server for one test process: <c>RECS_TEST_POSTGRES</c> (the URL of an empty database) where given, otherwise one of its own (<see cref="PostgresFolder"/>),
/// which ends with the process.
/// </summary>
internal static class PostgresServer
{
    private static readonly Lazy<(string? Url, string Reason)> Server = new(Start);

    /// <summary>The URL of a database that tests may fill; skips the test where there is no server.</summary>
    public static string Url()
    {
        Requirements.Need("postgres", Server.Value.Url is not null, Server.Value.Reason);
        return Server.Value.Url!;
    }

    private static (string? Url, string Reason) Start()
    {
        if (Environment.GetEnvironmentVariable("RECS_TEST_POSTGRES") is { Length: > 0 } given) return (given, "");
        if (!PostgresFolder.IsPossible) return (null, PostgresFolder.Missing + ", and RECS_TEST_POSTGRES is not set");
        try
        {
            var folder = new PostgresFolder();
            AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Dispose();
            folder.Start();
            return (folder.Url, "");
        }
        catch (Exception fault) when (fault is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return (null, $"PostgreSQL did not start: {fault.Message}");
        }
    }
}
