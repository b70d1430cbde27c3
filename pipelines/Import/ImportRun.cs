using Recs.Domain.Events;
using Recs.Ingest;
using Recs.Pipelines.CommandLine;
using Recs.Pipelines.Datasets;
using static System.FormattableString;

namespace Recs.Pipelines.Import;

/// <summary>Reads a data set and publishes it, disturbed as asked.</summary>
internal sealed class ImportRun(Dataset dataset, Disturbance disturbance, KafkaConnection connection, Topics topics, StageBoard board)
{
    private const int ReportEvery = 1_024;

    public async Task<ImportResult> Run(string folder, int dataSeed, CancellationToken cancel)
    {
        var facts = await board.Run("read", $"reading {folder}", _ =>
        {
            var read = dataset.Read(folder, dataSeed);
            return Task.FromResult((Invariant($"{read.Count:N0} events of {dataset.Name}: {dataset.Provenance}"), read));
        });
        await TopicCreation.EnsureAsync(connection, topics);
        var order = disturbance.Order(facts);
        var garbage = order.Count(index => index < 0);
        var published = await board.Run("publish", $"publishing to {connection.BootstrapServers}", async progress =>
        {
            using var producer = new EventProducer(connection, new ProducerOptions { Topics = topics });
            var messages = Messages(producer, facts, order, progress);
            var sent = await Task.Run(() => producer.Publish(messages, nextCommitted: null, cancel), cancel);
            return (Invariant($"{sent.Published:N0} messages to {connection.BootstrapServers}: {facts.Count:N0} events, {order.Count - facts.Count - garbage:N0} sent again, {garbage:N0} garbage"), sent.Published);
        });
        return new ImportResult(dataset.Name, facts.Count, order.Count - facts.Count - garbage, garbage, published, board.Seconds);
    }

    private IEnumerable<RawMessage> Messages(EventProducer producer, IReadOnlyList<Fact> facts, IReadOnlyList<int> order, IProgress<double> progress)
    {
        var spoilt = new GarbageMessages(topics, disturbance.Seed);
        var near = facts[0];
        for (var place = 0; place < order.Count; place++)
        {
            if (place % ReportEvery == 0) progress.Report((double)place / order.Count);
            if (order[place] >= 0) near = facts[order[place]];
            yield return order[place] < 0 ? spoilt.Next(near) : producer.ToRaw(near);
        }
    }
}
