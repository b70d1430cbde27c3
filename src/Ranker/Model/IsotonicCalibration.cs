namespace Recs.Ranker.Model;

/// <summary>
/// The best fit (in squares) that never falls: steps found by pooling adjacent violators. Level within a step and beyond the ends, straight
/// from one step's last score to the next one's first. Source: Barlow et al. (1972); Zadrozny and Elkan (2002). Each step's probability is smoothed as if half a positive and
/// half a negative more had been seen, so that none is 0 or 1.
/// </summary>
public sealed class IsotonicCalibration : ICalibration
{
    /// <summary>Its name in a model file.</summary>
    public const string Name = "isotonic";

    private readonly double[] _scores;
    private readonly double[] _probabilities;

    /// <param name="scores">Rising.</param>
    /// <param name="probabilities">Never falling, of the same length.</param>
    /// <exception cref="InvalidDataException">Lengths differ, or the order is broken.</exception>
    public IsotonicCalibration(double[] scores, double[] probabilities)
    {
        if (scores.Length == 0 || scores.Length != probabilities.Length) throw new InvalidDataException($"{scores.Length} scores and {probabilities.Length} probabilities");
        for (var i = 1; i < scores.Length; i++)
            if (!(scores[i] > scores[i - 1]) || probabilities[i] < probabilities[i - 1]) throw new InvalidDataException($"step {i} of the isotonic calibration is out of order");
        (_scores, _probabilities) = (scores, probabilities);
    }

    /// <inheritdoc/>
    public string Kind => Name;

    /// <inheritdoc/>
    public double[] Numbers => [.. _scores, .. _probabilities];

    /// <inheritdoc/>
    public float Probability(double score)
    {
        var at = Array.BinarySearch(_scores, score);
        if (at >= 0) return (float)_probabilities[at];
        var above = ~at;
        if (above == 0) return (float)_probabilities[0];
        if (above == _scores.Length) return (float)_probabilities[^1];
        var share = (score - _scores[above - 1]) / (_scores[above] - _scores[above - 1]);
        return (float)(_probabilities[above - 1] + share * (_probabilities[above] - _probabilities[above - 1]));
    }

    /// <summary>Fits to held-out scores.</summary>
    /// <param name="scores">Raw scores.</param>
    /// <param name="labels">What happened, of the same length.</param>
    /// <exception cref="ArgumentException">Only one class is there.</exception>
    public static IsotonicCalibration Fit(ReadOnlySpan<double> scores, ReadOnlySpan<bool> labels)
    {
        if (!labels.Contains(true) || !labels.Contains(false)) throw new ArgumentException($"{labels.Length} rows of one class: calibration needs both");
        var keys = scores.ToArray();
        var sorted = labels.ToArray();
        Array.Sort(keys, sorted);
        List<(double First, double Last, double Positives, double Rows)> steps = [];
        for (var start = 0; start < keys.Length;)
        {
            // Equal scores are one step from the beginning.
            var (end, positives) = (start, 0);
            while (end < keys.Length && keys[end].Equals(keys[start])) positives += sorted[end++] ? 1 : 0;
            steps.Add((keys[start], keys[start], positives, end - start));
            start = end;
            while (steps.Count > 1 && Rate(steps[^2]) >= Rate(steps[^1]))
            {
                var (last, before) = (steps[^1], steps[^2]);
                steps.RemoveRange(steps.Count - 2, 2);
                steps.Add((before.First, last.Last, before.Positives + last.Positives, before.Rows + last.Rows));
            }
        }
        // Smoothing pulls small steps together, which may turn their order round: the running maximum keeps it.
        List<double> at = [], probabilities = [];
        var highest = 0.0;
        foreach (var step in steps)
        {
            highest = Math.Max(highest, (step.Positives + 0.5) / (step.Rows + 1));
            at.Add(step.First);
            probabilities.Add(highest);
            if (step.Last == step.First) continue;
            at.Add(step.Last);
            probabilities.Add(highest);
        }
        return new([.. at], [.. probabilities]);
    }

    private static double Rate((double First, double Last, double Positives, double Rows) step) => step.Positives / step.Rows;
}
