[assembly: AssemblyFixture(typeof(Recs.Tests.PostgresServerEnd))]

namespace Recs.Tests;

/// <summary>
/// A PostgreSQL server for one test process: <c>RECS_TEST_POSTGRES</c> (the URL of an empty database) where given, otherwise one of its own (<see cref="PostgresFolder"/>),
/// which ends after the last test (<see cref="PostgresServerEnd"/>).
/// </summary>
internal static class PostgresServer
{
    private static readonly Lazy<(string? Url, string Reason)> Server = new(Start);
    private static PostgresFolder? _own;

    /// <summary>The URL of a database that tests may fill; skips the test where there is no server.</summary>
    public static string Url()
    {
        Requirements.Need("postgres", Server.Value.Url is not null, Server.Value.Reason);
        return Server.Value.Url!;
    }

    /// <summary>Ends the server if one of its own was started.</summary>
    internal static void End() => Interlocked.Exchange(ref _own, null)?.Dispose();

    private static (string? Url, string Reason) Start()
    {
        if (Environment.GetEnvironmentVariable("RECS_TEST_POSTGRES") is { Length: > 0 } given) return (given, "");
        if (!PostgresFolder.IsPossible) return (null, PostgresFolder.Missing + ", and RECS_TEST_POSTGRES is not set");
        try
        {
            var folder = new PostgresFolder();
            _own = folder;
            folder.Start();
            return (folder.Url, "");
        }
        catch (Exception fault) when (fault is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return (null, $"PostgreSQL did not start: {fault.Message}");
        }
    }
}

/// <summary>
/// Ends the server of <see cref="PostgresServer"/> while the tests are still running by the runner's clock: it gives a process eleven seconds to go once they are over,
/// and removing the files of a hundred databases takes longer on a busy disk.
/// </summary>
public sealed class PostgresServerEnd : IDisposable
{
    public void Dispose() => PostgresServer.End();
}
