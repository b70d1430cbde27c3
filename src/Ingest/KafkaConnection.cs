using Confluent.Kafka;
using Recs.Domain;

namespace Recs.Ingest;

/// <summary>How to reach the brokers: the same for producer, consumer and follower.</summary>
/// <param name="BootstrapServers">HOST:PORT, comma-separated.</param>
public sealed record KafkaConnection(string BootstrapServers)
{
    /// <summary>
    /// The brokers are the embedded ones: data older than 5 MiB a partition is gone, so reading must begin at offset 0 or be refused;
    /// an empty fetch sleeps its whole wait, so the wait is short.
    /// </summary>
    public bool Embedded { get; init; }

    /// <summary>librdkafka's own options (SASL, TLS, …), applied last: they win over what is set here, but for those that decide what is delivered, which are refused.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();

    /// <summary>How long to wait for the first answer of the brokers. Range 1 ms to 10 min, default 30 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Receives the client's log lines, on the client's threads; without it they are dropped, never printed.</summary>
    public Action<string>? Log { get; init; }

    /// <summary>Puts the shared settings into <paramref name="config"/>, the operator's own last.</summary>
    /// <exception cref="RefusedException">Nothing to connect to, or the time-out is out of range.</exception>
    internal T Apply<T>(T config) where T : ClientConfig
    {
        if (string.IsNullOrWhiteSpace(BootstrapServers))
            throw new RefusedException("kafka: no brokers are named; give HOST:PORT, comma-separated");
        if (ConnectTimeout < TimeSpan.FromMilliseconds(1) || ConnectTimeout > TimeSpan.FromMinutes(10))
            throw new RefusedException($"kafka: the connect time-out is {ConnectTimeout.TotalMilliseconds} ms, range 1 ms to 10 min");
        ReservedOptions.Refuse(Options.Keys);
        config.BootstrapServers = BootstrapServers;
        config.ClientId = "recs";
        foreach (var (name, value) in Options) config.Set(name, value);
        return config;
    }

    internal void Write(LogMessage message) => Log?.Invoke($"kafka {message.Level}: {message.Message}");

    /// <summary>Runs <paramref name="build"/>; options the client does not know become one line.</summary>
    internal static T Built<T>(Func<T> build)
    {
        try
        {
            return build();
        }
        catch (Exception failed) when (failed is InvalidOperationException or ArgumentException or KafkaException)
        {
            throw new RefusedException($"kafka: the client options are not accepted: {failed.Message}", failed);
        }
    }
}
