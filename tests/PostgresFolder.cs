using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Recs.Tests;

/// <summary>
/// A private PostgreSQL server in a temporary folder, made with the newest binaries found. It listens on 127.0.0.1 only, and may be crashed and started again.
/// PostgreSQL refuses root: then it runs as the user <c>postgres</c>. Dispose ends it and removes the folder.
/// </summary>
internal sealed class PostgresFolder : IDisposable
{
    /// <summary>Why there is none where <see cref="IsPossible"/> is false.</summary>
    public const string Missing = "no PostgreSQL server in /usr/lib/postgresql/*/bin or PATH (Debian: apt-get install postgresql)";

    private readonly string _binaries;
    private readonly string[] _asUser = Environment.UserName == "root" ? ["runuser", "-u", "postgres", "--"] : [];
    private readonly string _folder = Directory.CreateTempSubdirectory("recs-pg-").FullName;
    private readonly int _port = FreePort();

    /// <exception cref="InvalidOperationException">It cannot be made.</exception>
    public PostgresFolder()
    {
        _binaries = Binaries() ?? throw new InvalidOperationException(Missing);
        var password = Convert.ToHexString(RandomNumberGenerator.GetBytes(12));
        File.WriteAllText($"{_folder}/password", password + "\n");
        if (_asUser.Length > 0) Run("chown", "-R", "postgres", _folder);
        Run([.. _asUser, $"{_binaries}/initdb", "-D", $"{_folder}/data", "-U", "recs", $"--pwfile={_folder}/password", "--auth=scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8"]);
        Url = $"postgres://recs:{password}@127.0.0.1:{_port}/postgres";
    }

    /// <summary>Whether server binaries are there.</summary>
    public static bool IsPossible => Binaries() is not null;

    /// <summary>The server's database <c>postgres</c>.</summary>
    public string Url { get; }

    /// <summary>Starts the server, after a crash too, and returns once it answers.</summary>
    public void Start() => Run([.. _asUser, $"{_binaries}/pg_ctl", "-D", $"{_folder}/data", "-l", $"{_folder}/log", "-s", "-w", "-t", "60", "-o",
        $"-p {_port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off -c timezone=UTC", "start"]);

    /// <summary>Ends the server in the middle of what it does: transactions under way are lost, and the next start recovers.</summary>
    public void Crash() => Run([.. _asUser, $"{_binaries}/pg_ctl", "-D", $"{_folder}/data", "-s", "-m", "immediate", "stop"]);

    public void Dispose()
    {
        if (File.Exists($"{_folder}/data/postmaster.pid")) Crash();
        Directory.Delete(_folder, recursive: true);
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
