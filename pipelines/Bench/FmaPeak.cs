namespace Recs.Pipelines.Bench;

/// <summary>The rate of <see cref="FmaKernel"/> on a number of threads at once, measured again and again: the ceiling a figure is held against.</summary>
internal sealed class FmaPeak
{
    /// <summary>Long enough that starting threads does not count, short enough to be done between two runs.</summary>
    private const double MeasuredSeconds = 0.1;

    private readonly int _threads;
    private readonly TimeProvider _clock;
    private readonly long _rounds;
    private readonly List<double> _flopsPerSecond = [];

    /// <param name="threads">As many as what is compared computes on.</param>
    /// <param name="clock">Times it.</param>
    public FmaPeak(int threads, TimeProvider clock)
    {
        (_threads, _clock) = (threads, clock);
        _rounds = Calibrate(clock);
    }

    /// <summary>Operations a second of each measurement.</summary>
    public IReadOnlyList<double> FlopsPerSecond => _flopsPerSecond;

    /// <summary>The fastest measurement: what the machine can do when nobody disturbs it.</summary>
    public double Best => _flopsPerSecond.Max();

    /// <summary>Measures once more.</summary>
    /// <returns>Operations a second of all threads together.</returns>
    public double Measure()
    {
        var sums = new float[_threads];
        var threads = Enumerable.Range(0, _threads).Select(t => new Thread(() => sums[t] = FmaKernel.Run(_rounds)) { IsBackground = true }).ToArray();
        var begun = _clock.GetTimestamp();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        var seconds = _clock.GetElapsedTime(begun).TotalSeconds;
        if (Array.Exists(sums, float.IsNaN)) throw new InvalidOperationException("the register loop made a number that is none");
        _flopsPerSecond.Add((double)FmaKernel.FlopsPerRound * _rounds * _threads / Math.Max(seconds, 1e-9));
        return _flopsPerSecond[^1];
    }

    /// <summary>Doubles the rounds until they take a measurable time; warms the kernel up as it goes.</summary>
    private static long Calibrate(TimeProvider clock)
    {
        const long most = 1L << 32;
        for (var rounds = 1L << 16; ; rounds *= 2)
        {
            var begun = clock.GetTimestamp();
            _ = FmaKernel.Run(rounds);
            var seconds = clock.GetElapsedTime(begun).TotalSeconds;
            if (seconds >= MeasuredSeconds / 4 || rounds >= most) return Math.Max(1, (long)(rounds * Math.Min(8, MeasuredSeconds / Math.Max(seconds, 1e-9))));
        }
    }
}
