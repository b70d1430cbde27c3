using System.CommandLine;
using System.CommandLine.Parsing;
using Recs.Domain;
using Recs.Ingest;

namespace Recs.Pipelines.Ingest;

/// <summary>How a verb is told to reach Kafka: the same options wherever there is <c>--kafka</c>.</summary>
internal sealed class KafkaOptions
{
    private readonly Option<string?> _hosts;

    private readonly Option<string[]> _raw = new("--kafka-option")
    {
        Description = "An option of librdkafka, such as security.protocol=SASL_SSL; may be repeated.",
        HelpName = "NAME=VALUE",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string?> _file = new("--kafka-config")
    {
        Description = "A file of such options, NAME=VALUE a line, # before a comment: for secrets, which a command line shows to everybody. Variables named RECS_KAFKA_SASL_PASSWORD "
            + "(for sasl.password, and so on) are read too. The command line wins over the file, the file over the variables.",
        HelpName = "FILE",
    };

    private readonly Option<string> _prefix = new("--topic-prefix") { Description = "What the topics' names start with.", HelpName = "NAME", DefaultValueFactory = _ => "recs" };

    /// <param name="embedded">Whether the brokers may be left out: the verb then brings its own.</param>
    public KafkaOptions(bool embedded = false) : this(embedded ? "The brokers; without it they run in this process." : "The brokers.", required: !embedded)
    {
    }

    /// <param name="description">What <c>--kafka</c> is for.</param>
    /// <param name="required">Whether it must be there.</param>
    public KafkaOptions(string description, bool required) => _hosts = new("--kafka") { Description = description, HelpName = "HOST:PORT,…", Required = required };

    public IEnumerable<Option> All => [_hosts, _raw, _file, _prefix];

    public Topics Topics(ParseResult parsed) => new(parsed.GetValue(_prefix)!);

    /// <summary>Whether brokers are named.</summary>
    public bool AreNamed(ParseResult parsed) => parsed.GetValue(_hosts) is not null;

    /// <inheritdoc cref="AreNamed(ParseResult)"/>
    public bool AreNamed(CommandResult result) => result.GetValue(_hosts) is not null;

    /// <exception cref="RefusedException">An option is not NAME=VALUE.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public KafkaConnection Connection(ParseResult parsed)
    {
        var options = ClientOptions.OfEnvironment();
        if (parsed.GetValue(_file) is { } file) ClientOptions.Add(options, file, File.ReadLines(file));
        // Its place is told, never its text: it may be a secret.
        foreach (var (at, option) in parsed.GetValue(_raw)!.Index())
            if (!ClientOptions.TryAdd(options, option)) throw new RefusedException($"--kafka-option number {at + 1} is not NAME=VALUE");
        return new KafkaConnection(parsed.GetValue(_hosts)!) { Options = options };
    }
}
