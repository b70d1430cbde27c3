using System.Collections.Concurrent;
using Recs.Pipelines.Score.Files;

namespace Recs.Pipelines.Score;

/// <summary>
/// Parts are read and scored on all cores and written in their order by the caller's thread. Invariant: at most one part more than there are workers is
/// under way, so memory is bounded by parts, not by the file; who is ahead waits.
/// </summary>
/// <param name="plan">What to score with.</param>
/// <param name="workers">Threads, at least 1.</param>
internal sealed class ScoreRun(ScorePlan plan, int workers)
{
    private readonly ConcurrentBag<PartScorer> _idle = [];

    /// <param name="input">The rows.</param>
    /// <param name="output">Not finished here.</param>
    /// <param name="wanted">By number of the part.</param>
    /// <param name="written">Told the rows after each part.</param>
    /// <param name="cancel">Ends it between parts.</param>
    /// <returns>Rows scored.</returns>
    public long Score(RowFile input, ScoreSink output, Func<int, bool> wanted, Action<long> written, CancellationToken cancel)
    {
        var underWay = new Queue<Task<ScoredPart>>();
        var rows = 0L;
        try
        {
            foreach (var part in input.Parts(wanted))
            {
                cancel.ThrowIfCancellationRequested();
                underWay.Enqueue(Task.Run(() => Score(part), cancel));
                if (underWay.Count > workers) Write();
            }
            while (underWay.Count > 0) Write();
            return rows;
        }
        finally
        {
            // After a fault: nobody may still read the input when it is closed.
            while (underWay.TryDequeue(out var left)) left.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).Wait(CancellationToken.None);
        }

        void Write()
        {
            var part = underWay.Dequeue().GetAwaiter().GetResult();
            output.Write(part);
            rows += part.Rows;
            written(rows);
        }
    }

    private ScoredPart Score(Func<PartScorer, ScoredPart> part)
    {
        var scorer = _idle.TryTake(out var idle) ? idle : new PartScorer(plan);
        var scored = part(scorer);
        _idle.Add(scorer);
        return scored;
    }
}
