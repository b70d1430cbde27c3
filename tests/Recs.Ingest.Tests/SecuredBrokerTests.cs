using Recs.Domain;

namespace Recs.Ingest.Tests;

/// <summary>SASL over TLS, by options passed through to the client.</summary>
public sealed class SecuredBrokerTests
{
    [Fact]
    public async Task Ingest_PasswordOverTls_IsExactAndAWrongPasswordIsRefused()
    {
        using var broker = new SecuredBroker();
        var address = broker.Start();
        var connection = Connection(address, broker.Certificate, SecuredBroker.Password);
        await TopicCreation.EnsureAsync(connection, new Topics());
        using var producer = new EventProducer(connection);
        var facts = Some.Facts(500);
        producer.Publish(facts);
        using var store = new MemoryEventStore();
        await new EventConsumer(connection, store, new IngestOptions { Assignment = PartitionAssignment.ConsumerGroup }).RunUntilCaughtUpAsync().WaitAsync(Some.Patience);
        Assert.Equal(facts.Digest(), store.Facts.Values.Digest());

        using var nothing = new MemoryEventStore();
        foreach (var refused in new[] { Connection(address, broker.Certificate, "another"), Connection(address, null, SecuredBroker.Password) })
        {
            var failed = await Assert.ThrowsAnyAsync<RefusedException>(() => new EventConsumer(refused, nothing).RunUntilCaughtUpAsync().WaitAsync(Some.Patience));
            Assert.Contains(address, failed.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("another", failed.Message, StringComparison.Ordinal);
        }
        Assert.Empty(nothing.Facts);
    }

    private static KafkaConnection Connection(string address, string? certificate, string password)
    {
        var options = new Dictionary<string, string>
        {
            ["security.protocol"] = "SASL_SSL",
            ["sasl.mechanism"] = "PLAIN",
            ["sasl.username"] = SecuredBroker.User,
            ["sasl.password"] = password,
        };
        if (certificate is not null) options["ssl.ca.location"] = certificate;
        return new KafkaConnection(address) { Options = options, ConnectTimeout = TimeSpan.FromSeconds(10) };
    }
}
