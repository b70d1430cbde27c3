namespace Recs.Ranker.Model;

/// <summary>From a raw score to what is said: a probability, or an amount. Never falls as the score rises. Immutable; safe from any thread.</summary>
public interface ICalibration
{
    /// <summary>The calibrated value of a raw score.</summary>
    float Probability(double score);

    /// <summary>Its name in a model file.</summary>
    string Kind { get; }

    /// <summary>Every number it consists of, in the order in which <see cref="Calibrations.Parse"/> reads them.</summary>
    double[] Numbers { get; }
}

/// <summary>The calibrations by name.</summary>
public static class Calibrations
{
    /// <summary>The calibration that a model file names.</summary>
    /// <exception cref="InvalidDataException">No such kind, or its numbers do not fit.</exception>
    public static ICalibration Parse(string kind, double[] numbers) => kind switch
    {
        PlattCalibration.Name when numbers.Length == 2 => new PlattCalibration(numbers[0], numbers[1]),
        IsotonicCalibration.Name when numbers.Length is > 0 && numbers.Length % 2 == 0 => new IsotonicCalibration(numbers[..(numbers.Length / 2)], numbers[(numbers.Length / 2)..]),
        AmountCalibration.Name when numbers.Length == 0 => new AmountCalibration(),
        _ => throw new InvalidDataException($"calibration '{kind}' with {numbers.Length} numbers is not one this build knows: {PlattCalibration.Name} (2), {IsotonicCalibration.Name} (scores, then probabilities), {AmountCalibration.Name} (0)"),
    };
}

/// <summary>For heads that predict an amount: the score as it is, held at 0 or more.</summary>
public sealed class AmountCalibration : ICalibration
{
    /// <summary>Its name in a model file.</summary>
    public const string Name = "amount";

    /// <inheritdoc/>
    public string Kind => Name;

    /// <inheritdoc/>
    public double[] Numbers => [];

    /// <inheritdoc/>
    public float Probability(double score) => (float)Math.Max(0, score);
}
