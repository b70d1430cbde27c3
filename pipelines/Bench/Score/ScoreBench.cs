using ParquetSharp;
using Recs.Pipelines.Score;
using Recs.Pipelines.Score.Files;
using Recs.Ranker.LightGbm;
using Recs.Ranker.Model;

namespace Recs.Pipelines.Bench.Score;

/// <summary>Parquet to Parquet with a forest of one head, beside the same with a head that costs nothing: the price of reading, checking and writing alone.</summary>
internal sealed class ScoreBench(int trees, int leaves, int features, int threads, int runs, TimeProvider clock)
{
    private const int TrainingRows = 20_000;

    /// <param name="folder">For the files; they stay there.</param>
    /// <param name="rows">To score.</param>
    /// <param name="say">Told what is being done.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="InvalidOperationException">A score differs from that of its row alone.</exception>
    public ScoreBenchResult Run(string folder, long rows, Action<string> say, CancellationToken cancel)
    {
        var (input, output) = (Path.Combine(folder, FormattableString.Invariant($"rows-{rows}-{features}.parquet")), Path.Combine(folder, "scores.parquet"));
        if (!File.Exists(input))
        {
            say($"writing {input}");
            SampleRows.Write(input, rows, features, cancel);
        }
        say("growing the forest");
        var forest = ForestSample.Grow(trees, leaves, features, TrainingRows, seed: 1).Forest;
        var plan = Plan((numbers, width, into) => Score(forest, numbers, width, into));
        var nothing = Plan((numbers, width, into) => into.Fill(numbers[0]));
        say("comparing");
        Score(plan, input, output, cancel);
        Check(forest, input, output);
        List<double> ours = [], copied = [], processor = [];
        for (var run = 0; run < runs; run++)
        {
            say($"run {run + 1} of {runs}");
            var used = Environment.CpuUsage.TotalTime;
            ours.Add(rows / Score(plan, input, output, cancel));
            processor.Add(rows / (Environment.CpuUsage.TotalTime - used).TotalSeconds);
            copied.Add(rows / Score(nothing, input, output, cancel));
        }
        File.Delete(output);
        return new("score", "rows/s", Median.Of(ours), new Dictionary<string, double> { ["without_scoring"] = Median.Of(copied) },
            new Dictionary<string, double> { ["without_scoring"] = Median.Of(ours.Zip(copied, (one, other) => one / other)) }, Checked: true, MachineFacts.Read())
        {
            Threads = threads,
            Rows = rows,
            Features = features,
            Trees = forest.Trees,
            RowsPerProcessorSecond = Median.Of(processor),
            InputBytes = new FileInfo(input).Length,
            PeakResidentBytes = MachineFacts.PeakResidentBytes(),
        };
    }

    private ScorePlan Plan(ScorePlan.Scoring scoring) => new(SampleRows.Columns(features), "bench", "bench", "none", [new("click", scoring)]);

    private static void Score(RegressionForest forest, ReadOnlySpan<float> rows, int width, Span<float> into)
    {
        Span<double> scores = stackalloc double[PartScorer.Chunk];
        forest.Score(rows, width, scores[..into.Length]);
        var calibration = new PlattCalibration(1, 0);
        for (var row = 0; row < into.Length; row++) into[row] = calibration.Probability(scores[row]);
    }

    /// <returns>Seconds.</returns>
    private double Score(ScorePlan plan, string input, string output, CancellationToken cancel)
    {
        var begun = clock.GetTimestamp();
        using var rows = RowFile.Open(input, plan);
        using var sink = ScoreSink.Create(output, plan, rows.Keys, ScoreOrigin.Of(input));
        new ScoreRun(plan, threads).Score(rows, sink, _ => true, _ => { }, cancel);
        sink.Finish();
        return clock.GetElapsedTime(begun).TotalSeconds;
    }

    /// <summary>The first row group, read in another way (whole columns), each row scored alone.</summary>
    private void Check(RegressionForest forest, string input, string output)
    {
        using var inputs = new ParquetFileReader(input);
        using var outputs = new ParquetFileReader(output);
        if (inputs.FileMetaData.NumRows != outputs.FileMetaData.NumRows) throw new InvalidOperationException($"{inputs.FileMetaData.NumRows} rows became {outputs.FileMetaData.NumRows}");
        using var rows = inputs.RowGroup(0);
        using var scores = outputs.RowGroup(0);
        var count = checked((int)rows.MetaData.NumRows);
        var columns = Enumerable.Range(0, features).Select(column => Column<float>(rows, 2 + column, count)).ToArray();
        if (!Column<string>(rows, 0, count).SequenceEqual(Column<string>(scores, 0, count)) || !Column<string>(rows, 1, count).SequenceEqual(Column<string>(scores, 1, count)))
            throw new InvalidOperationException("users or items are not those of the input");
        var found = Column<float>(scores, 2, count);
        var row = new float[features];
        for (var at = 0; at < count; at++)
        {
            for (var column = 0; column < features; column++) row[column] = columns[column][at];
            var expected = new PlattCalibration(1, 0).Probability(forest.Score(row));
            if (found[at] != expected) throw new InvalidOperationException($"row {at}: {found[at]:R} in the file, {expected:R} alone");
        }
    }

    private static T[] Column<T>(RowGroupReader group, int column, int count)
    {
        using var reader = group.Column(column).LogicalReader<T>();
        return reader.ReadAll(count);
    }
}
