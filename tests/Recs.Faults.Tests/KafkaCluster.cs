using System.Diagnostics;
using System.Globalization;
using Recs.Tests;

namespace Recs.Faults.Tests;

/// <summary>Three brokers of Apache Kafka, each a process of its own, so that they can be killed one by one. Skips the test where there is none.</summary>
internal sealed class KafkaCluster : IDisposable
{
    private readonly string _script;
    private Task _restarting = Task.CompletedTask;
    private readonly string _folder = Directory.CreateTempSubdirectory("recs-kafka-").FullName;

    public KafkaCluster()
    {
        _script = Requirements.Shared("kafka/kafka") ?? "";
        var hasJava = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "java")));
        Requirements.Need("kafka", _script.Length > 0 && hasJava, "there is no Kafka with a Java runtime beside the repository");
        Bootstrap = Start("--port", "0", "--brokers", "3")["bootstrap=".Length..].Trim();
    }

    public string Bootstrap { get; }

    /// <summary>SIGKILL to one broker, 1 to 3.</summary>
    public void Kill(int broker) => Run("kill", "--dir", _folder, "--broker", broker.ToString(CultureInfo.InvariantCulture));

    /// <summary>SIGKILL to all of them.</summary>
    public void KillAll() => Run("kill", "--dir", _folder);

    /// <summary>Brings dead brokers back with their data.</summary>
    public Task Restart() => _restarting = Task.Run(() => Start());

    public void Dispose()
    {
        // A start under way would bring back what is ended here; whether it went well is not asked any more.
        Task.WhenAny(_restarting).Wait();
        Run("kill", "--dir", _folder);
        try
        {
            Directory.Delete(_folder, recursive: true);
        }
        catch (IOException)
        {
            // A broker wrote in its last moment. The failure that led here is what counts.
        }
    }

    // A busy machine may need the second try.
    private string Start(params string[] arguments) =>
        Run(["start", "--dir", _folder, .. arguments]) ?? Run("start", "--dir", _folder) ?? throw new InvalidOperationException("the brokers did not start");

    private string? Run(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(_script, arguments) { RedirectStandardOutput = true })!;
        // Line by line: a broker may inherit the pipe, which then has no end.
        var bootstrap = "";
        while (process.StandardOutput.ReadLine() is { } line)
            if (line.StartsWith("bootstrap=", StringComparison.Ordinal))
            {
                bootstrap = line;
                break;
            }
        process.WaitForExit();
        return process.ExitCode == 0 ? bootstrap : null;
    }
}
