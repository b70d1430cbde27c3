using System.Diagnostics;
using Recs.Tests;

namespace Recs.Ingest.Tests;

/// <summary>An Apache Kafka broker: the one <c>RECS_TEST_KAFKA</c> names, or one started for these tests and stopped after them.</summary>
public sealed class RealBroker : IDisposable
{
    private string? _folder;

    /// <summary>The brokers' address; skips the test when there is none.</summary>
    internal KafkaConnection Connection()
    {
        return Environment.GetEnvironmentVariable("RECS_TEST_KAFKA") is { Length: > 0 } hosts ? new KafkaConnection(hosts) : OwnConnection();
    }

    /// <summary>The address of a broker that is this test's own; skips the test where there is none to start.</summary>
    internal KafkaConnection OwnConnection()
    {
        var script = Requirements.Shared("kafka/kafka");
        Requirements.Need("kafka", script is not null && HasJava(), "RECS_TEST_KAFKA is not set, and there is no Kafka with a Java runtime beside the repository");
        _folder ??= Directory.CreateTempSubdirectory("recs-kafka-").FullName;
        // Starting on a folder that runs already answers with the same address; a busy machine may need the second try.
        var output = Run(script!, "start", "--dir", _folder, "--port", "0") ?? Run(script!, "start", "--dir", _folder, "--port", "0");
        var line = output?.Split('\n').FirstOrDefault(line => line.StartsWith("bootstrap=", StringComparison.Ordinal));
        return new KafkaConnection((line ?? throw new InvalidOperationException("the broker did not start"))["bootstrap=".Length..].Trim());
    }

    /// <summary>A line of the broker's settings.</summary>
    internal string Property(string name) => File.ReadLines(Path.Combine(_folder!, "broker-1", "server.properties"))
        .Last(line => line.StartsWith(name + "=", StringComparison.Ordinal))[(name.Length + 1)..];

    /// <summary>Starts it again with further settings.</summary>
    internal void Restart(params string[] settings)
    {
        var script = Requirements.Shared("kafka/kafka")!;
        Run(script, "stop", "--dir", _folder!);
        string[] start = ["start", "--dir", _folder!, .. settings.SelectMany(setting => new[] { "--set", setting })];
        if (Run(script, start) is null) throw new InvalidOperationException("the broker did not start again with " + string.Join(", ", settings));
    }

    public void Dispose()
    {
        if (_folder is null) return;
        Run(Requirements.Shared("kafka/kafka")!, "stop", "--dir", _folder);
        Directory.Delete(_folder, recursive: true);
    }

    private static bool HasJava() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "java")));

    private static string? Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        // Line by line: the broker may inherit the pipe, which then has no end.
        var lines = new List<string>();
        while (process.StandardOutput.ReadLine() is { } line)
        {
            lines.Add(line);
            if (line.StartsWith("bootstrap=", StringComparison.Ordinal)) break;
        }
        process.WaitForExit();
        return process.ExitCode == 0 ? string.Join('\n', lines) : null;
    }
}
