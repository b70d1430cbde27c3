namespace Recs.Ingest.Tests.Embeddings;

/// <summary>Workers that share the items and come and go.</summary>
public sealed class EmbeddingGroupTests
{
    [Theory]
    [InlineData(PartitionAssignment.ConsumerGroup)]
    [InlineData(PartitionAssignment.ClassicGroup)]
    public async Task Group_WorkersJoinAndLeaveWhileItemsChange_EveryItemHasTheVectorOfItsNewestText(PartitionAssignment assignment)
    {
        using var broker = new EmbeddedBroker();
        var connection = assignment == PartitionAssignment.ClassicGroup
            ? broker.Connection with { Options = ItemStream.ShortSessions }
            : broker.Connection;
        using var stream = new ItemStream(connection);
        var random = new Random(5);
        var newest = new SortedDictionary<string, string>(StringComparer.Ordinal);
        void Change(int times)
        {
            for (var n = 0; n < times; n++)
            {
                var (item, title) = (random.Next(80), $"title {random.Next(4)}");
                stream.Publish(item, title);
                newest[$"i{item}"] = title;
            }
        }
        using var stopFirst = new CancellationTokenSource();
        using var stopSecond = new CancellationTokenSource();
        var options = new EmbeddingWorkerOptions { Assignment = assignment, MaxItems = 7, Linger = TimeSpan.FromMilliseconds(5) };
        var (first, second) = (stream.Worker(new TextEmbedder(), options), stream.Worker(new TextEmbedder(), options));
        Change(150);
        var runningFirst = first.RunAsync(stopFirst.Token);
        await Until(() => first.Progress.Made > 0, runningFirst);
        var runningSecond = second.RunAsync(stopSecond.Token);
        while (second.Progress.Partitions == 0 || second.Progress.Consumed == 0)
        {
            Change(5);
            await Until(() => true, runningFirst, runningSecond);
        }
        Change(150);
        await stopFirst.CancelAsync();
        await runningFirst.WaitAsync(Some.Patience);
        Change(150);
        await Until(() => second.Progress.Partitions == Topics.ItemPartitions, runningSecond);
        await stopSecond.CancelAsync();
        await runningSecond.WaitAsync(Some.Patience);
        await stream.Work(new TextEmbedder(), options);
        Assert.Equal(string.Join(' ', newest.Select(item => $"{item.Key}={item.Value}")), await stream.Vectors([.. Enumerable.Range(0, 4).Select(n => $"title {n}")]));
        Assert.True(first.Progress.Made > 0 && second.Progress.Consumed > 0);
    }

    [Fact]
    public async Task Group_PartitionsMoveWhileABatchIsEmbedded_WhatMovedIsLeftToTheOther()
    {
        using var broker = new EmbeddedBroker();
        using var stream = new ItemStream(broker.Connection);
        for (var n = 0; n < 100; n++) stream.Publish(n, $"title {n}");
        using var begun = new SemaphoreSlim(0);
        using var goOn = new SemaphoreSlim(0);
        using var stop = new CancellationTokenSource();
        var options = new EmbeddingWorkerOptions { Assignment = PartitionAssignment.ConsumerGroup, MaxItems = 1_000 };
        var slow = new TextEmbedder
        {
            Before = (_, cancel) =>
            {
                begun.Release();
                goOn.Wait(cancel);
            },
        };
        var first = stream.Worker(slow, options);
        var runningFirst = first.RunAsync(stop.Token);
        Assert.True(await begun.WaitAsync(Some.Patience));
        var second = stream.Worker(new TextEmbedder(), options);
        var runningSecond = second.RunAsync(stop.Token);
        await Until(() => second.Progress.Partitions > 0 && second.Progress.Made > 0, runningFirst, runningSecond);
        goOn.Release(1_000);
        await Until(() => first.Progress.Batches > 0, runningFirst, runningSecond);
        // Together each item once: the first has dropped what it no longer owned.
        await stream.Work(new TextEmbedder(), options);
        Assert.Equal(100, (await stream.Vectors([.. Enumerable.Range(0, 100).Select(n => $"title {n}")])).Split('=').Length - 1);
        Assert.True(first.Progress.Made < 100, first.Progress.ToString());
        await stop.CancelAsync();
        await Task.WhenAll(runningFirst, runningSecond).WaitAsync(Some.Patience);
    }

    // The group's protocol decides when a rebalance is over, and nothing announces it: the state is asked for, with a limit.
    private static async Task Until(Func<bool> reached, params Task[] running)
    {
        var begun = TimeProvider.System.GetTimestamp();
        do
        {
            foreach (var task in running)
                if (task.IsFaulted) await task;
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < Some.Patience);
            await Task.Delay(10);
        }
        while (!reached());
    }
}
