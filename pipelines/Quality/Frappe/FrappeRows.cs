using Recs.Ranker.Model;
using Recs.Ranker.Training;

namespace Recs.Pipelines.Quality.Frappe;

/// <summary>All rows as numbers: first those learnt from, then those that stop and calibrate, then those judged.</summary>
internal sealed class FrappeRows
{
    private FrappeRows(LabelledRows set, int stop, int judged) => (Set, Stop, Judged) = (set, stop, judged);

    public LabelledRows Set { get; }

    /// <summary>The first row that stops and calibrates.</summary>
    public int Stop { get; }

    /// <summary>The first row that is judged.</summary>
    public int Judged { get; }

    /// <summary>Reads each training row from the counts of all folds but its own, and each judged row from the counts of all.</summary>
    /// <param name="train">Counted, and learnt from.</param>
    /// <param name="judged">Neither.</param>
    /// <param name="apps">The store pages.</param>
    /// <param name="texts">The texts.</param>
    /// <param name="folds">How many parts the training rows are drawn into; the first one's rows stop and calibrate.</param>
    /// <param name="seed">Of the drawing.</param>
    /// <param name="progress">Share done.</param>
    /// <param name="cancel">Stops between folds.</param>
    public static FrappeRows Make(IReadOnlyList<FrappeRow> train, IReadOnlyList<FrappeRow> judged, IReadOnlyDictionary<int, FrappeApp> apps, FrappeTexts texts,
        int folds, int seed, IProgress<double> progress, CancellationToken cancel)
    {
        var random = new Random(seed);
        var byFold = train.GroupBy(_ => random.Next(folds)).OrderBy(fold => fold.Key).Select(fold => fold.ToArray()).ToArray();
        var counts = new FrappeCounts(apps);
        foreach (var row in train) counts.Update(row, +1);
        var columns = new FrappeColumns(counts, apps, texts);
        var rowCount = train.Count + judged.Count;
        var set = new LabelledRows(FrappeColumns.Names.Count, new float[rowCount * FrappeColumns.Names.Count], new bool[rowCount]);
        var stop = train.Count - byFold[0].Length;
        // The first fold lies last: it is what stops and calibrates.
        var first = stop;
        for (var fold = 0; fold < byFold.Length; fold++)
        {
            cancel.ThrowIfCancellationRequested();
            var rows = byFold[fold];
            foreach (var row in rows) counts.Update(row, -1);
            Fill(columns, set, rows, first);
            foreach (var row in rows) counts.Update(row, +1);
            first = fold == 0 ? 0 : first + rows.Length;
            progress.Report((fold + 1.0) / (folds + 1));
        }
        Fill(columns, set, judged, train.Count);
        return new(set, stop, train.Count);
    }

    /// <summary>Predictions beside the labels of judged rows.</summary>
    /// <param name="head">Predicts.</param>
    /// <param name="first">Where they lie in <see cref="Set"/>.</param>
    /// <param name="rows">As they were read.</param>
    public JudgedRows Judge(Head head, int first, IReadOnlyList<FrappeRow> rows)
    {
        var probabilities = new float[rows.Count];
        Parallel.For(0, rows.Count, at => probabilities[at] = head.Probability(Set.Row(first + at)));
        int[] users = [.. rows.Select(row => row.User)];
        return new(users, users, [.. rows.Select(row => row.Label)], probabilities, new bool[rows.Count]);
    }

    private static void Fill(FrappeColumns columns, LabelledRows set, IReadOnlyList<FrappeRow> rows, int first) => Parallel.For(0, rows.Count, at =>
    {
        columns.Read(rows[at], set.Features.AsSpan((first + at) * set.Width, set.Width));
        set.Labels[first + at] = rows[at].Label;
    });
}
