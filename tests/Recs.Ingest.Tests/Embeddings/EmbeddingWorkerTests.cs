using Recs.Domain;
using Recs.Domain.Embeddings;
using Recs.Domain.Events;
using Recs.Domain.Items;
using Recs.Domain.Wire;
using static Recs.Ingest.Tests.Embeddings.ItemStream;

namespace Recs.Ingest.Tests.Embeddings;

public sealed class EmbeddingWorkerTests : IDisposable
{
    private readonly EmbeddedBroker _broker = new();
    private readonly ItemStream _stream;

    public EmbeddingWorkerTests() => _stream = new ItemStream(_broker.Connection with { Options = ShortSessions });

    [Fact]
    public async Task Work_Items_VectorsReachTheStoreByIngest()
    {
        _stream.Publish(Version("e1", "a", 1, "red"), Version("e2", "b", 1, "blue"), Version("e3", "ad", 1, "red, now", promotes: "a"), Version("e4", "a", 2, "green"));
        _stream.Publish(new RawMessage(new Topics().Items, "x", [1, 2, 3], Some.Start));
        var embedder = new TextEmbedder();
        var progress = await _stream.Work(embedder);
        Assert.Equal("a=green b=blue", await _stream.Vectors("red", "green", "blue"));
        Assert.Equal((5, 1, 0), (progress.Consumed, progress.Refused, progress.Removed));
        Assert.Equal(embedder.Texts, progress.Made);
        // Ingest has the broken item; of what the worker wrote it refused nothing.
        Assert.Equal("recs.items", Assert.Single(_stream.Store.DeadLetters).Partition.Topic);
    }

    [Fact]
    public async Task Work_Again_MakesNothingNew()
    {
        for (var n = 0; n < 50; n++) _stream.Publish(n, $"title {n}");
        await _stream.Work(new TextEmbedder());
        var (sameGroup, otherGroup, otherVersion) = (new TextEmbedder(), new TextEmbedder(), new TextEmbedder("v2"));
        Assert.Equal(0, (await _stream.Work(sameGroup)).Consumed);
        // Another group reads all items again, and finds their vectors on the stream.
        var progress = await _stream.Work(otherGroup, new EmbeddingWorkerOptions { Group = "other" });
        Assert.Equal((50, 0, 50), (progress.Consumed, progress.Made, progress.Unchanged));
        // So does another version, which finds none of its own.
        Assert.Equal(50, (await _stream.Work(otherVersion)).Made);
        Assert.Equal((0, 0, 50), (sameGroup.Texts, otherGroup.Texts, otherVersion.Texts));
    }

    [Fact]
    public async Task Work_LateOlderVersion_ChangesNothingAlsoAfterARestart()
    {
        _stream.Publish(Version("e5", "a", 5, "new"));
        await _stream.Work(new TextEmbedder());
        _stream.Publish(Version("e1", "a", 1, "old"), Version("e4", "a", 5, "loses by id"));
        var progress = await _stream.Work(new TextEmbedder());
        Assert.Equal((2, 0), (progress.Unchanged, progress.Made));
        _stream.Publish(Version("e6", "a", 5, "wins by id"));
        await _stream.Work(new TextEmbedder());
        Assert.Equal("a=wins by id", await _stream.Vectors("new", "wins by id"));
    }

    [Fact]
    public async Task Work_TextThatReturnsWithinABatch_KeepsTheVectorItHas()
    {
        _stream.Publish(Version("e1", "a", 1, "one"));
        await _stream.Work(new TextEmbedder());
        _stream.Publish(Version("e2", "a", 2, "two"), Version("e3", "a", 3, "one"));
        var progress = await _stream.Work(new TextEmbedder(), new EmbeddingWorkerOptions { Linger = TimeSpan.FromSeconds(1) });
        Assert.Equal(0, progress.Made);
        Assert.Equal("a=one", await _stream.Vectors("one", "two"));
    }

    [Fact]
    public async Task Work_DeletedAndPromotingItems_LoseTheirVectors()
    {
        _stream.Publish(Version("e1", "a", 1, "one"), Version("e2", "b", 1, "two"), Version("e3", "c", 1, "three"), Version("e4", "d", 1, "four"));
        await _stream.Work(new TextEmbedder());
        Assert.Equal("a=one b=two c=three d=four", await _stream.Vectors("one", "two", "three", "four"));
        _stream.Publish(Version("e5", "a", 2, "one", ItemStatus.Deleted), Version("e6", "b", 2, "two", promotes: "d"), Version("e7", "new", 2, "x", promotes: "d"));
        _stream.Publish(new RawMessage(new Topics().Items, "c", null, Some.Start));
        var progress = await _stream.Work(new TextEmbedder());
        Assert.Equal((0, 3), (progress.Made, progress.Removed));
        Assert.Equal("d=four", await _stream.Vectors("four"));
        _stream.Publish(Version("e8", "a", 3, "one"));
        await _stream.Work(new TextEmbedder());
        Assert.Equal("a=one d=four", await _stream.Vectors("one", "four"));
    }

    [Fact]
    public async Task Work_EmbedderFailsInTheMiddle_TheNextRunMakesTheRest()
    {
        for (var n = 0; n < 200; n++) _stream.Publish(n, $"title {n}");
        var options = new EmbeddingWorkerOptions { MaxItems = 20 };
        var embedder = new TextEmbedder { Before = (done, _) => { if (done >= 100) throw new InvalidOperationException("power cut"); } };
        Assert.Equal("power cut", (await Assert.ThrowsAsync<InvalidOperationException>(() => _stream.Work(embedder, options))).Message);
        embedder.Before = null;
        await _stream.Work(embedder, options);
        Assert.Equal(200, embedder.Texts); // what was acknowledged is not made twice
        Assert.Equal(200, (await _stream.Vectors([.. Enumerable.Range(0, 200).Select(n => $"title {n}")])).Split("i").Length - 1 - 200);
    }

    [Fact]
    public async Task Run_Stopped_LeavesWhatWasNotPublished()
    {
        for (var n = 0; n < 60; n++) _stream.Publish(n, $"title {n}");
        using var stop = new CancellationTokenSource();
        var embedder = new TextEmbedder
        {
            Before = (done, cancel) =>
            {
                if (done < 20) return;
                stop.Cancel();
                cancel.ThrowIfCancellationRequested();
            },
        };
        var worker = _stream.Worker(embedder, new EmbeddingWorkerOptions { MaxItems = 20 });
        await worker.RunAsync(stop.Token).WaitAsync(Some.Patience);
        Assert.InRange(embedder.Texts, 20, 40);
        embedder.Before = null;
        await worker.RunUntilCaughtUpAsync().WaitAsync(Some.Patience);
        Assert.Equal(60, worker.Progress.Made);
    }

    [Fact]
    public async Task Work_TopicsOfDifferentPartitions_VectorsAreRightAndKnownAgain()
    {
        var topics = new Topics("odd");
        _broker.Create(topics.Items, 3);
        _broker.Create(topics.Events, 1);
        _broker.Create(topics.Embeddings, 5);
        using var stream = new ItemStream(_broker.Connection with { Options = ShortSessions }, topics);
        for (var n = 0; n < 30; n++) stream.Publish(n, "same");
        Assert.Equal(30, (await stream.Work(new TextEmbedder())).Made);
        Assert.Equal(0, (await stream.Work(new TextEmbedder(), new EmbeddingWorkerOptions { Group = "other" })).Made);
        Assert.Equal(30, (await stream.Vectors("same")).Split(' ').Length);
    }

    [Fact]
    public async Task Ingest_GarbageAmongTheVectors_BecomesDeadLetters()
    {
        var topic = new Topics().Embeddings;
        var good = EmbeddingCodec.Write(new EmbeddingMessage(new ItemEmbedding(new("a"), "v1", TextEmbedder.HashOf("one"), TextEmbedder.VectorOf("one"), TextEmbedder.SignatureOf("one"))));
        _stream.Publish(new RawMessage(topic, "a", good, Some.Start), new RawMessage(topic, "b", good, Some.Start), new RawMessage(topic, "a", [1, 2], Some.Start),
            new RawMessage(topic, null, null, Some.Start), new RawMessage(topic, "a\0", null, Some.Start), new RawMessage(topic, "nobody", null, Some.Start));
        Assert.Equal("a=one", await _stream.Vectors("one"));
        Assert.Equal(["InvalidValue", "InvalidValue", "InvalidValue", "NotJson"], _stream.Store.DeadLetters.Select(letter => letter.Rejection.Reason.ToString()).Order());
        // The worker passes over them.
        _stream.Publish(Version("e1", "a", 1, "one"), Version("e2", "b", 1, "two"));
        Assert.Equal(1, (await _stream.Work(new TextEmbedder())).Made);
        Assert.Equal("a=one b=two", await _stream.Vectors("one", "two"));
    }

    [Theory]
    [InlineData(0, 200, "")]
    [InlineData(256, 0, "")]
    [InlineData(256, 200, "all")]
    public void Options_OutOfRange_AreRefused(int items, int linger, string assignment) => Assert.Contains("embed:", Assert.Throws<RefusedException>(() =>
        _stream.Worker(new TextEmbedder(), new EmbeddingWorkerOptions
        {
            MaxItems = items,
            Linger = TimeSpan.FromMilliseconds(linger),
            Assignment = assignment == "all" ? PartitionAssignment.All : PartitionAssignment.ClassicGroup,
        })).Message, StringComparison.Ordinal);

    public void Dispose()
    {
        _stream.Dispose();
        _broker.Dispose();
    }
}
