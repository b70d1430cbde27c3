using System.Runtime.InteropServices;
using System.Text;
using Confluent.Kafka;
using Recs.Domain;

namespace Recs.Ingest;

/// <summary>
/// Kafka brokers inside this process, for demos and tests: librdkafka's mock cluster on 127.0.0.1 and a free port.
/// It speaks the real protocol, so clients need no second code path. What it does not do: data lives in memory,
/// 5 MiB a partition, the oldest silently dropped (publish with a throttle, see <see cref="EventProducer"/>);
/// transactions are hollow; offsets cannot be looked up by time; topics cannot be created through an admin client,
/// and <c>AdminClient.ListConsumerGroups</c> kills the process.
/// Dispose it after its clients; the other order is safe too, the clients then find nobody.
/// Safe from any thread.
/// </summary>
public sealed class EmbeddedBroker : IDisposable
{
    // The bytes the mock cluster keeps of a partition (mock.c), counted as stored, after compression.
    internal const int KeptBytes = 5 << 20;

    private const int ProducerType = 0;
    private readonly Lock _gate = new();
    private nint _client;
    private nint _cluster;

    /// <summary>Starts the brokers and creates the topics of <paramref name="topics"/>.</summary>
    /// <param name="topics">The names; null for <c>recs.*</c>.</param>
    /// <param name="brokers">How many, 1 to 9.</param>
    /// <param name="eventPartitions">Partitions of the events topic, 1 to 1,000.</param>
    /// <exception cref="RefusedException">The client library has no build for this machine, or a number is out of range.</exception>
    public EmbeddedBroker(Topics? topics = null, int brokers = 1, int eventPartitions = Topics.EventPartitions)
    {
        if (brokers is < 1 or > 9) throw new RefusedException($"embedded broker: {brokers} brokers asked for, range 1 to 9");
        if (eventPartitions is < 1 or > 1_000) throw new RefusedException($"embedded broker: {eventPartitions} partitions asked for, range 1 to 1000");
        topics ??= new Topics();
        try
        {
            Start(brokers);
            Create(topics.Items, Topics.ItemPartitions);
            Create(topics.Events, eventPartitions);
            Create(topics.Embeddings, Topics.ItemPartitions);
            Create(topics.Decisions, eventPartitions);
            Create(topics.DeadLetters, 1);
        }
        catch (DllNotFoundException missing)
        {
            throw new RefusedException(
                $"embedded broker: the Kafka client library has no build for {RuntimeInformation.RuntimeIdentifier}; name a Kafka cluster with --kafka HOST:PORT", missing);
        }
        catch
        {
            Dispose();
            throw;
        }
        var bootstrap = Marshal.PtrToStringUTF8(NativeBroker.Bootstraps(_cluster))
            ?? throw new InvalidOperationException("the mock cluster gave no address");
        Connection = new KafkaConnection(bootstrap) { Embedded = true };
    }

    /// <summary>How clients of this and other processes of this machine reach the brokers.</summary>
    public KafkaConnection Connection { get; }

    /// <summary>Adds a topic.</summary>
    /// <exception cref="RefusedException">The name is taken or not valid.</exception>
    public void Create(string topic, int partitions)
    {
        var code = (ErrorCode)OnCluster(cluster => NativeBroker.TopicCreate(cluster, topic, partitions, 1));
        if (code != ErrorCode.NoError) throw new RefusedException($"embedded broker: topic '{topic}' with {partitions} partitions was refused ({code})");
    }

    /// <summary>Stops the brokers; what they held is gone.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_cluster != 0) NativeBroker.ClusterDestroy(_cluster);
            if (_client != 0) NativeBroker.Destroy(_client);
            _cluster = _client = 0;
        }
    }

    /// <summary>The next requests of this kind are answered with <paramref name="codes"/>, one each.</summary>
    internal void Fail(KafkaRequest request, params ErrorCode[] codes) => OnCluster(cluster =>
    {
        NativeBroker.PushErrors(cluster, (short)request, (nuint)codes.Length, [.. codes.Select(code => (int)code)]);
        return 0;
    });

    /// <summary>Takes broker <paramref name="broker"/> (from 1; −1 for all) off the network.</summary>
    internal void SetDown(int broker = -1) => OnCluster(cluster => NativeBroker.SetDown(cluster, broker));

    /// <summary>Brings it back.</summary>
    internal void SetUp(int broker = -1)
    {
        var code = (ErrorCode)OnCluster(cluster => NativeBroker.SetUp(cluster, broker));
        if (code != ErrorCode.NoError) throw new InvalidOperationException($"broker {broker} did not come back ({code})");
    }

    /// <summary>Moves a partition to another broker (never −1: the mock cluster crashes on a partition without leader).</summary>
    internal void SetLeader(string topic, int partition, int broker) => OnCluster(cluster => NativeBroker.SetLeader(cluster, topic, partition, broker));

    /// <summary>Drops what lies before offset <paramref name="before"/>, as retention would.</summary>
    internal void DeleteRecords(string topic, int partition, long before) => OnCluster(cluster => NativeBroker.DeleteRecords(cluster, topic, partition, before));

    private void Start(int brokers)
    {
        var error = new byte[512];
        var conf = NativeBroker.ConfNew();
        // Level 3 hides "No bootstrap.servers configured": this handle only owns the cluster.
        foreach (var (name, value) in new[] { ("client.id", "recs-embedded-broker"), ("log_level", "3") })
            if (NativeBroker.ConfSet(conf, name, value, error, (nuint)error.Length) != 0) throw new InvalidOperationException(Text(error));
        _client = NativeBroker.New(ProducerType, conf, error, (nuint)error.Length);
        if (_client == 0) throw new InvalidOperationException(Text(error));
        _cluster = NativeBroker.ClusterNew(_client, brokers);
        if (_cluster == 0) throw new RefusedException("embedded broker: no port on 127.0.0.1 could be opened");
        NativeBroker.SetControllerId(_cluster, 1); // without one, admin calls time out instead of failing at once
        NativeBroker.SetRebalanceDelay(_cluster, 300); // ms; classic groups
        NativeBroker.SetHeartbeatInterval(_cluster, 200); // ms; KIP-848 groups
        NativeBroker.SetSessionTimeout(_cluster, 2_000); // ms; KIP-848 groups
    }

    private int OnCluster(Func<nint, int> call)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_cluster == 0, this);
            return call(_cluster);
        }
    }

    private static string Text(byte[] error) => Encoding.UTF8.GetString(error).TrimEnd('\0');
}
