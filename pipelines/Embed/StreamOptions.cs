using System.CommandLine;
using System.CommandLine.Parsing;
using Recs.Ingest;
using Recs.Pipelines.Ingest;

namespace Recs.Pipelines.Embed;

/// <summary>The switches of <c>recs embed</c> as a worker on the stream.</summary>
internal sealed class StreamOptions
{
    private readonly KafkaOptions _kafka = new("Embed the items of these brokers' stream, and publish the vectors there, until Ctrl-C.", required: false);

    private readonly Option<string?> _group = new("--group")
    {
        Description = "The consumer group that shares the work (default: recs-embed-VERSION, so that a new embedding version reads all items again).",
        HelpName = "NAME",
    };

    private readonly Option<string> _protocol = new("--group-protocol") { Description = "classic, or consumer: a KIP-848 group (Kafka 4.0 and later).", DefaultValueFactory = _ => "classic" };
    private readonly Option<int> _batch = new("--batch") { Description = "Items of the stream that are embedded together at most.", HelpName = "N", DefaultValueFactory = _ => new EmbeddingWorkerOptions().MaxItems };
    private readonly Option<int> _linger = new("--linger") { Description = "Milliseconds an item of the stream may wait for others.", HelpName = "MS", DefaultValueFactory = _ => (int)new EmbeddingWorkerOptions().Linger.TotalMilliseconds };
    private readonly Option<bool> _once = new("--once") { Description = "Stop when the items now on the stream are done." };

    public StreamOptions() => _protocol.AcceptOnlyFromAmong("classic", "consumer");

    public IEnumerable<Option> All => [.. _kafka.All, _group, _protocol, _batch, _linger, _once];

    /// <summary>Whether brokers are named.</summary>
    public bool AreNamed(CommandResult result) => _kafka.AreNamed(result);

    /// <inheritdoc cref="AreNamed(CommandResult)"/>
    public bool AreNamed(ParseResult parsed) => _kafka.AreNamed(parsed);

    public KafkaConnection Connection(ParseResult parsed) => _kafka.Connection(parsed);

    public bool Once(ParseResult parsed) => parsed.GetValue(_once);

    public EmbeddingWorkerOptions Worker(ParseResult parsed) => new()
    {
        Topics = _kafka.Topics(parsed),
        Group = parsed.GetValue(_group),
        Assignment = parsed.GetValue(_protocol) == "consumer" ? PartitionAssignment.ConsumerGroup : PartitionAssignment.ClassicGroup,
        MaxItems = parsed.GetValue(_batch),
        Linger = TimeSpan.FromMilliseconds(parsed.GetValue(_linger)),
    };
}
