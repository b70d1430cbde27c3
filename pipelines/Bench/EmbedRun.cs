namespace Recs.Pipelines.Bench;

/// <summary>What was measured of one model on its texts. Medians over <paramref name="Runs"/> runs.</summary>
/// <param name="Name">Of the model.</param>
/// <param name="Texts">Embedded in each run.</param>
/// <param name="Tokens">Of all texts, special ones counted.</param>
/// <param name="Runs">After one to warm up.</param>
/// <param name="Seconds">A run.</param>
/// <param name="TextsPerSecond">Tokenizer included.</param>
/// <param name="TokensPerSecond">Tokenizer included.</param>
/// <param name="Gflops">10⁹ counted operations a second.</param>
/// <param name="FmaPeak">The best rate of the register loop in this process, 10⁹ operations a second.</param>
/// <param name="FmaPeakMedian">The median rate, of measurements before and after each run.</param>
/// <param name="OfPeak"><paramref name="Gflops"/> by <paramref name="FmaPeak"/>.</param>
/// <param name="OfPeakPaired">The median ratio of a run to the mean of the measurements just before and after it: what others do to the machine meets all three.</param>
/// <param name="FirstLoadSeconds">The first load of it in this process; for the first model its code is compiled too.</param>
/// <param name="SecondLoadSeconds">The load after it.</param>
/// <param name="AllocatedBytes">Managed memory allocated in a run.</param>
/// <param name="PeakResidentBytes">Of the process until now.</param>
/// <param name="Digest">SHA-256 of all vectors; the same in every run.</param>
/// <param name="Checked">What was compared before.</param>
internal sealed record EmbedRun(
    string Name, int Texts, long Tokens, int Runs, double Seconds, double TextsPerSecond, double TokensPerSecond, double Gflops,
    double FmaPeak, double FmaPeakMedian, double OfPeak, double OfPeakPaired, double FirstLoadSeconds, double? SecondLoadSeconds,
    double AllocatedBytes, long PeakResidentBytes, string Digest, string Checked);
