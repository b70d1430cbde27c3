namespace Recs.Embedder.Model;

/// <summary>
/// Parts pass through memory: each is read when it is needed, or while the one before it is in use, and dropped behind it. At most two are
/// in memory at a time. Used by one forward pass at a time.
/// </summary>
internal sealed class StreamedWeights(PartLoader loader, bool readsAhead) : ILayerWeights
{
    private Task<WeightPart>? _ahead;
    private PartKey _aheadKey;

    public int ExpertsAPart => 1;

    public WeightPart Acquire(PartKey key)
    {
        var ahead = _ahead;
        _ahead = null;
        if (ahead is null) return loader.Load(key, ExpertsAPart);
        if (_aheadKey == key) return ahead.GetAwaiter().GetResult();
        Drop(ahead);
        return loader.Load(key, ExpertsAPart);
    }

    public void Release(WeightPart part) => part.Dispose();

    public void Expect(PartKey key)
    {
        if (!readsAhead || _ahead is not null) return;
        _aheadKey = key;
        _ahead = Task.Factory.StartNew(() => loader.Load(key, ExpertsAPart), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public void Dispose()
    {
        if (_ahead is { } ahead) Drop(ahead);
        _ahead = null;
    }

    /// <summary>Waits, since the file may be closed next. A refusal of a part that nobody asked for is not of interest.</summary>
    private static void Drop(Task<WeightPart> ahead)
    {
        ((Task)ahead).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
        if (ahead.IsCompletedSuccessfully) ahead.Result.Dispose();
    }
}
