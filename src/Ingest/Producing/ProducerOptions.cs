using Recs.Domain;

namespace Recs.Ingest;

/// <summary>What an operator may vary of <see cref="EventProducer"/>.</summary>
public sealed record ProducerOptions
{
    /// <summary>Where events go. Default <c>recs.*</c>.</summary>
    public Topics Topics { get; init; } = new();

    /// <summary>How long a message waits for company before its batch is sent. Range 0 to 1 s, default 30 ms; a server that answers after delivery wants less.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromMilliseconds(30);

    /// <summary>How long one message may take to be delivered before it is refused. Range 100 ms to 10 min, default 30 s.</summary>
    public TimeSpan DeliveryTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Bytes a partition may hold that are not yet ingested, when publishing in bulk with a throttle; counted before compression.
    /// Range 256 KiB to 4 MiB, default 3 MiB: the embedded broker keeps 5 MiB.
    /// </summary>
    public int WaitingBytesPerPartition { get; init; } = 3 << 20;

    /// <exception cref="RefusedException">A value is out of its range.</exception>
    internal void Validate()
    {
        if (Linger < TimeSpan.Zero || Linger > TimeSpan.FromSeconds(1))
            throw new RefusedException($"producer: {nameof(Linger)} is {Linger.TotalMilliseconds} ms, range 0 to 1000");
        if (DeliveryTimeout < TimeSpan.FromMilliseconds(100) || DeliveryTimeout > TimeSpan.FromMinutes(10) || DeliveryTimeout <= Linger)
            throw new RefusedException($"producer: {nameof(DeliveryTimeout)} is {DeliveryTimeout.TotalMilliseconds} ms, range 100 to 600000 and above {nameof(Linger)}");
        if (WaitingBytesPerPartition is < 256 << 10 or > 4 << 20)
            throw new RefusedException($"producer: {nameof(WaitingBytesPerPartition)} is {WaitingBytesPerPartition}, range {256 << 10} to {4 << 20}");
    }
}
