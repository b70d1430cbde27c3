using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Recs.Tests;

/// <summary>
/// A private PostgreSQL server for one test process: <c>RECS_TEST_POSTGRES</c> (the URL of an empty database) where given, otherwise the newest
/// server binaries found. The server listens on 127.0.0.1 only and ends with the process. PostgreSQL refuses root: then it runs as the user <c>postgres</c>.
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
        if (Binaries() is not { } binaries) return (null, "no PostgreSQL server in /usr/lib/postgresql/*/bin or PATH (Debian: apt-get install postgresql), and RECS_TEST_POSTGRES is not set");
        string[] asUser = Environment.UserName == "root" ? ["runuser", "-u", "postgres", "--"] : [];
        var folder = Directory.CreateTempSubdirectory("recs-pg-").FullName;
        var password = Convert.ToHexString(RandomNumberGenerator.GetBytes(12));
        var port = FreePort();
        try
        {
            File.WriteAllText($"{folder}/password", password + "\n");
            if (asUser.Length > 0) Run("chown", "-R", "postgres", folder);
            Run([.. asUser, $"{binaries}/initdb", "-D", $"{folder}/data", "-U", "recs", $"--pwfile={folder}/password", "--auth=scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8"]);
            Run([.. asUser, $"{binaries}/pg_ctl", "-D", $"{folder}/data", "-l", $"{folder}/log", "-s", "-w", "-t", "60", "-o",
                $"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off -c timezone=UTC", "start"]);
        }
        catch (Exception fault) when (fault is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return (null, $"the PostgreSQL of {binaries} did not start: {fault.Message}");
        }
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            Run([.. asUser, $"{binaries}/pg_ctl", "-D", $"{folder}/data", "-s", "-m", "immediate", "stop"]);
            Directory.Delete(folder, recursive: true);
        };
        return ($"postgres://recs:{password}@127.0.0.1:{port}/postgres", "");
    }

    private static string? Binaries()
    {
        const string debian = "/usr/lib/postgresql";
        var folders = Directory.Exists(debian)
            ? Directory.GetDirectories(debian).OrderByDescending(name => int.TryParse(Path.GetFileName(name), out var version) ? version : 0).Select(name => name + "/bin")
            : [];
        return folders.Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
            .FirstOrDefault(folder => File.Exists($"{folder}/initdb") && File.Exists($"{folder}/pg_ctl") && File.Exists($"{folder}/postgres"));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static void Run(params string[] command)
    {
        // pg_ctl's server inherits the pipes: it logs to its own file, and only initdb's words are read.
        var reads = command.Any(word => word.EndsWith("/initdb", StringComparison.Ordinal));
        using var process = Process.Start(new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardOutput = reads,
            RedirectStandardError = reads,
            WorkingDirectory = "/",
            Environment = { ["LC_ALL"] = "C" },
        })!;
        var words = reads ? process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd() : "";
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{string.Join(' ', command.Take(6))} ended with {process.ExitCode} on {RuntimeInformation.OSDescription}. {words}");
    }
}
