namespace Recs.Ranker.Model;

/// <summary>
/// Probability = 1 / (1 + exp(−(slope · score + intercept))). The map is strictly rising for a positive slope, so no order changes.
/// Source: J. Platt, "Probabilistic outputs for support vector machines" (1999), with his smoothed targets, fitted by Newton's method.
/// </summary>
/// <param name="Slope">Factor of the raw score.</param>
/// <param name="Intercept">Log-odds at score 0.</param>
public readonly record struct PlattCalibration(double Slope, double Intercept) : ICalibration
{
    /// <summary>Its name in a model file.</summary>
    public const string Name = "platt";

    /// <inheritdoc/>
    public string Kind => Name;

    /// <inheritdoc/>
    public double[] Numbers => [Slope, Intercept];

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

        // Newton's method with step halving: a full step may overshoot where the scores separate the classes well.
        double slope = 0, intercept = Math.Log(positives / negatives), loss = double.PositiveInfinity, stepSlope = 0, stepIntercept = 0;
        for (int round = 0, halvings = 0; round < 200 && halvings < 40; round++)
        {
            double g0 = 0, g1 = 0, h00 = 1e-9, h01 = 0, h11 = 1e-9, tried = 0;
            for (var i = 0; i < labels.Length; i++)
            {
                var logit = slope * scores[i] + intercept;
                var p = 1 / (1 + Math.Exp(-logit));
                var target = labels[i] ? high : low;
                // −t·log p − (1−t)·log(1−p) = log(1 + e^(−|z|)) + max(z, 0) − t·z
                tried += Math.Log(1 + Math.Exp(-Math.Abs(logit))) + Math.Max(logit, 0) - target * logit;
                var weight = p * (1 - p);
                g0 += p - target;
                g1 += (p - target) * scores[i];
                h00 += weight;
                h01 += weight * scores[i];
                h11 += weight * scores[i] * scores[i];
            }
            if (tried > loss)
            {
                (stepSlope, stepIntercept) = (stepSlope / 2, stepIntercept / 2);
                (slope, intercept) = (slope + stepSlope, intercept + stepIntercept);
                halvings++;
                continue;
            }
            if (loss - tried < 1e-12 * loss) break;
            loss = tried;
            var determinant = h00 * h11 - h01 * h01;
            stepIntercept = (h11 * g0 - h01 * g1) / determinant;
            stepSlope = (h00 * g1 - h01 * g0) / determinant;
            intercept -= stepIntercept;
            slope -= stepSlope;
            halvings = 0;
        }
        return new(slope, intercept);
    }
}
