using System.Globalization;
using Recs.Ingest;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Recs.Pipelines.Ingest;

/// <summary>
/// A running worker's figures as a panel: what it has done since it began, and how fast, in which batches and with what commit times it went in the last seconds. One thread.
/// </summary>
internal sealed class IngestPanel
{
    /// <summary>What "now" means.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);

    // The figures of the last seconds, the oldest one at least a window old as soon as there is one.
    private readonly Queue<(TimeSpan Time, IngestProgress Progress)> _past = new();

    /// <summary>The panel of one moment.</summary>
    /// <param name="progress">Of the worker.</param>
    /// <param name="time">Since it began; later than at the call before.</param>
    /// <param name="notices">Lines below the figures.</param>
    public IRenderable At(IngestProgress progress, TimeSpan time, IReadOnlyList<string> notices)
    {
        if (_past.Count == 0) _past.Enqueue((TimeSpan.Zero, default));
        while (_past.Count > 1 && time - _past.ElementAt(1).Time >= Window) _past.Dequeue();
        var (then, before) = _past.Peek();
        _past.Enqueue((time, progress));
        var (read, batches) = (progress.Consumed - before.Consumed, progress.Batches - before.Batches);
        var grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn(new GridColumn().RightAligned().NoWrap());
        Row("read", Count(progress.Consumed));
        Row("a second, now", Count(Rate(read, time - then)));
        Row("a second, all in all", Count(Rate(progress.Consumed, time)));
        Row("waiting", Count(progress.Lag));
        Row("stored", Count(progress.Appended));
        Row("duplicates", Count(progress.Duplicates));
        Row("dead letters", Count(progress.DeadLetters));
        Row("vectors", Count(progress.Embeddings));
        Row("partitions", Count(progress.Partitions));
        Row("batches", Count(progress.Batches));
        Row("messages a batch, now", batches == 0 ? "–" : Count((progress.StoredMessages - before.StoredMessages) / batches));
        Row("commit, now", batches == 0 ? "–" : Milliseconds((progress.CommitTime - before.CommitTime) / batches));
        Row("commit, longest", Milliseconds(progress.LongestCommit));
        Row("retries", Count(progress.Retries));
        Row("fenced", Count(progress.Fenced));
        return new Panel(new Rows([grid, .. notices.Select(line => new Text(line))])).Header($"ingest, {time:hh\\:mm\\:ss}").RoundedBorder();

        void Row(string name, string value) => grid.AddRow(new Text(name), new Text(value));
    }

    private static long Rate(long count, TimeSpan time) => time <= TimeSpan.Zero ? 0 : (long)(count / time.TotalSeconds);

    private static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Milliseconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.0} ms");
}
