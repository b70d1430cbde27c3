using Recs.Ranker.LightGbm;

namespace Recs.Pipelines.Bench.Forest;

/// <summary>The same rows through our forest, LightGBM's predictor and ML.NET's, in turns, so that what disturbs the machine disturbs all.</summary>
internal sealed class ForestBench(int trees, int leaves, int features, int block, int rounds)
{
    /// <summary>Rows that are compared before anything is timed.</summary>
    public const int CheckedRows = 5_000;

    private const int TrainingRows = 20_000;
    private static readonly TimeSpan Measured = TimeSpan.FromMilliseconds(100);

    /// <exception cref="InvalidOperationException">Scores differ.</exception>
    public ForestBenchResult Run(CancellationToken cancel)
    {
        var sample = ForestSample.Grow(trees, leaves, features, TrainingRows, seed: 1);
        cancel.ThrowIfCancellationRequested();
        using var lightGbm = LightGbmBooster.WhyNot is null ? LightGbmBooster.Load(sample.Forest, features) : null;
        var difference = Check(sample, lightGbm);

        // More blocks than a processor's inner cache holds, so that rows come from memory as they would.
        var blocks = Enumerable.Range(0, Math.Max(1, 20_000 / block)).Select(i => ForestSample.Rows(block, features, 100 + i)).ToArray();
        var scores = new double[block];
        var next = 0;
        void Ours() => sample.Forest.Score(blocks[next++ % blocks.Length], features, scores);
        void Theirs() => lightGbm!.Predict(blocks[next++ % blocks.Length], scores);
        void MlNet() => sample.MlNet(blocks[next++ % blocks.Length]);
        // One row: another one each time, read from a block.
        int row = 0, rows = blocks[0].Length / features;
        ReadOnlySpan<float> Row() => blocks[0].AsSpan(row++ % rows * features, features);
        void OursOne() => scores[0] = sample.Forest.Score(Row());
        void TheirsOne() => scores[0] = lightGbm!.PredictOne(Row());

        List<double> ours = [], theirs = [], mlNet = [], oursOne = [], theirsOne = [];
        for (var round = -1; round < rounds; round++)
        {
            cancel.ThrowIfCancellationRequested();
            var measured = (Seconds(Ours), lightGbm is null ? 0 : Seconds(Theirs), Seconds(MlNet), Seconds(OursOne), lightGbm is null ? 0 : Seconds(TheirsOne));
            if (round < 0) continue; // compiles and warms up
            ours.Add(block / measured.Item1);
            if (lightGbm is not null) theirs.Add(block / measured.Item2);
            mlNet.Add(block / measured.Item3);
            oursOne.Add(measured.Item4 * 1e6);
            if (lightGbm is not null) theirsOne.Add(measured.Item5 * 1e6);
        }

        Dictionary<string, double> peers = new() { ["mlnet"] = Median.Of(mlNet) }, ratio = new() { ["mlnet"] = Paired(ours, mlNet) };
        if (lightGbm is not null) (peers["lightgbm"], ratio["lightgbm"]) = (Median.Of(theirs), Paired(ours, theirs));
        return new("forest", "rows/s", Median.Of(ours), peers, ratio, Checked: true, MachineFacts.Read())
        {
            Threads = 1,
            Trees = sample.Forest.Trees,
            Features = features,
            Block = block,
            SingleRowMicroseconds = Median.Of(oursOne),
            SingleRowLightGbmMicroseconds = lightGbm is null ? null : Median.Of(theirsOne),
            LargestDifference = difference,
            Skipped = LightGbmBooster.WhyNot,
        };
    }

    /// <returns>The largest difference to LightGBM's scores; null without it.</returns>
    private double? Check(ForestSample sample, LightGbmBooster? lightGbm)
    {
        var rows = ForestSample.Rows(CheckedRows, features, seed: 2);
        var ours = new double[CheckedRows];
        // In blocks of the measured size, as they are timed.
        for (var first = 0; first < CheckedRows; first += block)
        {
            var count = Math.Min(block, CheckedRows - first);
            sample.Forest.Score(rows.AsSpan(first * features, count * features), features, ours.AsSpan(first, count));
        }
        var mlNet = sample.MlNet(rows);
        var theirs = new double[CheckedRows];
        lightGbm?.Predict(rows, theirs);
        var largest = 0.0;
        for (var row = 0; row < CheckedRows; row++)
        {
            var one = rows.AsSpan(row * features, features);
            if (BitConverter.SingleToInt32Bits((float)ours[row]) != BitConverter.SingleToInt32Bits(mlNet[row])) throw new InvalidOperationException($"row {row}: {ours[row]:R}, ML.NET scores {mlNet[row]:R}");
            if (sample.Forest.Score(one) != ours[row]) throw new InvalidOperationException($"row {row}: {sample.Forest.Score(one):R} alone, {ours[row]:R} in a block");
            if (lightGbm is null) continue;
            largest = Math.Max(largest, Math.Abs(theirs[row] - ours[row]));
            if (largest > 1e-6 * Math.Max(1, Math.Abs(ours[row]))) throw new InvalidOperationException($"row {row}: {ours[row]:R}, LightGBM scores {theirs[row]:R}");
            if (lightGbm.PredictOne(one) != theirs[row]) throw new InvalidOperationException($"row {row}: LightGBM scores it otherwise alone");
        }
        return lightGbm is null ? null : largest;
    }

    private static double Paired(List<double> ours, List<double> theirs) => Median.Of(ours.Zip(theirs, (one, other) => one / other));

    /// <summary>
    /// Processor seconds of one call, over as many as fill the measured time. One thread computes: on an idle machine that is time by the clock,
    /// on a shared one it leaves out what others were given.
    /// </summary>
    private static double Seconds(Action call)
    {
        var (calls, begun) = (0L, Environment.CpuUsage.TotalTime);
        for (var batch = 1L; ; batch = Math.Min(batch * 2, 4_096))
        {
            for (var i = 0L; i < batch; i++) call();
            calls += batch;
            if (Environment.CpuUsage.TotalTime - begun is var used && used >= Measured) return used.TotalSeconds / calls;
        }
    }
}
