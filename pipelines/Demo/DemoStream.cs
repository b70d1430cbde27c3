using Recs.Domain.Events;
using Recs.Ingest;
using Recs.Storage;

namespace Recs.Pipelines.Demo;

/// <summary>The demo's stream: an embedded broker, a producer and the ingest worker that moves events into the store.</summary>
internal sealed class DemoStream : IAsyncDisposable
{
    private readonly EmbeddedBroker _broker = new();
    private readonly EventConsumer _worker;
    private CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    public DemoStream(IEventStore store, TimeProvider clock)
    {
        Producer = new EventProducer(_broker.Connection, clock: clock);
        // Large batches: history arrives all at once.
        _worker = new EventConsumer(_broker.Connection, store, new IngestOptions { MaxRows = 20_000 }, clock);
        ResumeIngest();
    }

    public KafkaConnection Connection => _broker.Connection;

    public EventProducer Producer { get; }

    public IngestProgress Progress => _worker.Progress;

    /// <summary>Publishes history, never further ahead of the worker than the embedded broker can hold, and returns once all of it is in the store.</summary>
    public async Task Send(IReadOnlyList<Fact> facts, IProgress<double> progress, CancellationToken cancel)
    {
        var sent = 0;
        var published = await Producer.PublishAsync(facts.Select(fact =>
        {
            if (++sent % 4_096 == 0) progress.Report((double)sent / facts.Count);
            return fact;
        }), _worker.NextOffset, cancel);
        await _worker.WhenCommittedAsync(published.Next, cancel);
    }

    /// <summary>Stores what has been read and pauses the worker: the store is then free for another use.</summary>
    public async Task PauseIngest()
    {
        await _stop.CancelAsync();
        await _running;
    }

    /// <summary>Goes on where the store stands; the store is the worker's until the next pause.</summary>
    public void ResumeIngest()
    {
        _stop.Dispose();
        _stop = new CancellationTokenSource();
        _running = _worker.RunAsync(_stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await PauseIngest();
        Producer.Dispose();
        _broker.Dispose();
        _stop.Dispose();
    }
}
