using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Recs.Storage;

namespace Recs.Ingest;

/// <summary>
/// Copies of stored dead letters on a topic, for those who watch streams and not databases. The store is the truth: a copy is sent after the transaction that keeps its
/// letter, without waiting, and one that the brokers do not take, or that a crash comes before, is missing there. Place and reason are in the headers
/// <c>recs-topic</c>, <c>recs-partition</c>, <c>recs-offset</c>, <c>recs-reason</c>, <c>recs-detail</c>. One thread at a time; failures are counted on the client's.
/// </summary>
internal sealed class DeadLetterCopies : IDisposable
{
    private static readonly TimeSpan LongestFlush = TimeSpan.FromSeconds(1);
    private readonly string _topic;
    private readonly IProducer<byte[]?, byte[]> _producer;
    private long _failed;

    public DeadLetterCopies(KafkaConnection connection, string topic)
    {
        _topic = topic;
        _producer = KafkaConnection.Built(() => new ProducerBuilder<byte[]?, byte[]>(connection.Apply(new ProducerConfig
        {
            EnableIdempotence = true,
            Acks = Acks.All,
            CompressionType = CompressionType.Zstd,
            MessageMaxBytes = 16 << 20,
            QueueBufferingMaxKbytes = 64 << 10,
        })).SetLogHandler((_, line) => connection.Write(line)).SetErrorHandler((_, _) => { }).Build());
    }

    /// <summary>Copies that did not get there.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    public void Send(IReadOnlyList<DeadLetter> letters)
    {
        foreach (var letter in letters)
        {
            try
            {
                _producer.Produce(_topic, Message(letter), report =>
                {
                    if (report.Error.IsError) Interlocked.Increment(ref _failed);
                });
            }
            catch (KafkaException) // the queue is full, or the message too large
            {
                Interlocked.Increment(ref _failed);
            }
        }
    }

    public void Dispose()
    {
        _producer.Flush(LongestFlush);
        _producer.Dispose();
    }

    private static Message<byte[]?, byte[]> Message(DeadLetter letter) => new()
    {
        Key = letter.Key,
        Value = letter.Raw,
        Timestamp = new Timestamp(Math.Max(1, letter.Known.Milliseconds), TimestampType.CreateTime),
        Headers =
        [
            Header("recs-topic", letter.Partition.Topic),
            Header("recs-partition", letter.Partition.Partition.ToString(CultureInfo.InvariantCulture)),
            Header("recs-offset", letter.Offset.ToString(CultureInfo.InvariantCulture)),
            Header("recs-reason", letter.Rejection.Reason.ToString()),
            Header("recs-detail", letter.Rejection.Detail),
        ],
    };

    private static Header Header(string name, string value) => new(name, Encoding.UTF8.GetBytes(value));
}
