namespace Recs.Ranker.Model;

/// <summary>
/// Probability = 1 / (1 + exp(−(slope · score + intercept))). The map is strictly rising for a positive slope, so no order changes.
/// Source: J. Platt, "Probabilistic outputs for support vector machines" (1999), with his smoothed targets, fitted by Newton's method.
/// </summary>
/// <param name="Slope">Factor of the raw score.</param>
/// <param name="Intercept">Log-odds at score 0.</param>
public readonly record struct PlattCalibration(double Slope, double Intercept)
{
    /// <summary>The calibrated probability of a raw score, in (0, 1).</summary>
    public float Probability(double score) => (float)(1 / (1 + Math.Exp(-(Slope * score + Intercept))));

    /// <summary>Fits to held-out scores.</summary>
    /// <param name="scores">Raw scores.</param>
    /// <param name="labels">What happened, of the same length.</param>
    /// <exception cref="ArgumentException">Only one class is there.</exception>
    public static PlattCalibration Fit(ReadOnlySpan<double> scores, ReadOnlySpan<bool> labels)
    {
        double positives = 0;
        foreach (var label in labels) positives += label ? 1 : 0;
        var negatives = labels.Length - positives;
        if (positives == 0 || negatives == 0) throw new ArgumentException($"{positives} positives and {negatives} negatives: calibration needs both");
        double high = (positives + 1) / (positives + 2), low = 1 / (negatives + 2);

        double slope = 1, intercept = Math.Log(positives / negatives);
        for (var step = 0; step < 100; step++)
        {
            double g0 = 0, g1 = 0, h00 = 1e-9, h01 = 0, h11 = 1e-9;
            for (var i = 0; i < labels.Length; i++)
            {
                var p = 1 / (1 + Math.Exp(-(slope * scores[i] + intercept)));
                var error = p - (labels[i] ? high : low);
                var weight = p * (1 - p);
                g0 += error;
                g1 += error * scores[i];
                h00 += weight;
                h01 += weight * scores[i];
                h11 += weight * scores[i] * scores[i];
            }
            var determinant = h00 * h11 - h01 * h01;
            var (stepIntercept, stepSlope) = ((h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant);
            // A step is held to 2 so that a start far away cannot overshoot.
            intercept -= Math.Clamp(stepIntercept, -2, 2);
            slope -= Math.Clamp(stepSlope, -2, 2);
            if (Math.Abs(stepIntercept) + Math.Abs(stepSlope) < 1e-10) break;
        }
        return new(slope, intercept);
    }
}
