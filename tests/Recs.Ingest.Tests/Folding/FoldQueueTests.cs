using Recs.Storage;

namespace Recs.Ingest.Tests.Folding;

public sealed class FoldQueueTests
{
    [Fact]
    public void Next_Always_GivesBatchesInOrderAndEndsWhenClosed()
    {
        var queue = new FoldQueue(mostFacts: 10);
        queue.Add(Batch(1, 4));
        queue.Add(Batch(2, 4));
        queue.Close();
        Assert.Equal(1, queue.Next()!.Value.Batch);
        Assert.Equal(2, queue.Next()!.Value.Batch);
        Assert.Null(queue.Next());
        Assert.Throws<InvalidOperationException>(() => queue.Add(Batch(3, 1)));
    }

    [Fact]
    public async Task Add_MoreFactsThanMayWait_WaitsUntilABatchIsTaken()
    {
        var queue = new FoldQueue(mostFacts: 10);
        queue.Add(Batch(1, 11)); // one batch may pass the limit
        var adding = Task.Run(() => queue.Add(Batch(2, 1)), TestContext.Current.CancellationToken);
        var first = queue.Next()!.Value;
        Assert.False(adding.IsCompleted); // given, but not done with
        queue.Taken(first);
        await adding;
        Assert.Equal(2, queue.Next()!.Value.Batch);
    }

    [Fact]
    public async Task WhenTaken_BatchesUnderWay_CompletesWithTheLastOfThem()
    {
        var queue = new FoldQueue(mostFacts: 10);
        Assert.True(queue.WhenTaken().IsCompletedSuccessfully);
        queue.Add(Batch(1, 1));
        queue.Add(Batch(2, 1));
        var waiting = queue.WhenTaken();
        queue.Add(Batch(3, 1));
        queue.Taken(queue.Next()!.Value);
        Assert.False(waiting.IsCompleted);
        queue.Taken(queue.Next()!.Value);
        await waiting;
    }

    [Fact]
    public async Task Fail_WhileOthersWait_LetsThemGo()
    {
        var queue = new FoldQueue(mostFacts: 1);
        queue.Add(Batch(1, 1));
        var (adding, waiting) = (Task.Run(() => queue.Add(Batch(2, 1)), TestContext.Current.CancellationToken), queue.WhenTaken());
        queue.Fail(new IOException("gone"));
        await adding;
        await Assert.ThrowsAsync<IOException>(() => waiting);
        await Assert.ThrowsAsync<IOException>(queue.WhenTaken);
    }

    private static AppendResult Batch(long number, int facts) => new(facts, 0) { Batch = number, Fresh = [.. Some.Facts(facts)] };
}
