namespace Recs.Sql.Tests.Experiments;

/// <summary>The arms of one layer user by user: variances by the definition, over users, not from sums of squares.</summary>
internal sealed class ArmStatistics
{
    private readonly Dictionary<string, List<(double Num, double Den, double PreNum, double PreDen)>> _arms = [];
    private readonly bool _isRatio;
    private readonly string _layer, _metric;

    public ArmStatistics(SmallExperiment experiment, string layer, string metric)
    {
        (_layer, _metric, _isRatio) = (layer, metric, metric == "click_through");
        Entered = [.. experiment.Decisions.GroupBy(made => int.Parse(made.User.Value.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture)).Select(made =>
        {
            var arms = made.Select(one => one.Experiments.Split(',').Single(arm => arm.StartsWith(layer + "=", StringComparison.Ordinal))[(layer.Length + 1)..]).Distinct().ToList();
            return (made.Key, arms.Count == 1 ? arms[0] : null, made.Min(one => SmallExperiment.DayOf(one.Time)));
        })];
        foreach (var (user, arm, entered) in Entered)
        {
            if (arm is null) continue;
            if (!_arms.TryGetValue(arm, out var users)) _arms[arm] = users = [];
            var after = experiment.Days.Where(day => day.Key.User == user && day.Key.Day >= entered).Select(day => day.Value).ToList();
            var before = experiment.Days.Where(day => day.Key.User == user && day.Key.Day < SmallExperiment.From).Select(day => day.Value).ToList();
            users.Add((after.Sum(Num), _isRatio ? after.Sum(day => day.Shown) : 1, before.Sum(Num), _isRatio ? before.Sum(day => day.Shown) : 1));
        }
    }

    /// <summary>Every user of the layer: the arm (null: two of them) and the first day.</summary>
    public IReadOnlyList<(int User, string? Arm, DateOnly Day)> Entered { get; }

    /// <summary>One over the users of either arm, and the greater of their variances of one user's value.</summary>
    public (double Share, double Variance) Widest(string arm) => (1.0 / _arms["control"].Count + 1.0 / _arms[arm].Count, Math.Max(Variance(Lines("control").Select(line => line.Y)), Variance(Lines(arm).Select(line => line.Y))));

    /// <summary>The rows of the report experiment.</summary>
    public IEnumerable<object?[]> Compared(double tau)
    {
        var lines = _arms.Keys.ToDictionary(arm => arm, Lines);
        double Within(Func<(double Y, double X), double> one, Func<(double Y, double X), double> other) =>
            lines.Values.Sum(users => users.Sum(user => (one(user) - users.Average(one)) * (other(user) - users.Average(other))));
        var theta = Within(user => user.Y, user => user.X) / Within(user => user.X, user => user.X);
        var meanX = lines.Values.SelectMany(users => users).Average(user => user.X);
        foreach (var arm in _arms.Keys.Where(arm => arm != "control").Order(StringComparer.Ordinal))
        {
            var (control, value) = (Value("control"), Value(arm));
            double Adjusted(string name) => Value(name) - theta * (lines[name].Average(user => user.X) - meanX);
            var plain = Judged(value - control, arm, user => user.Y, lines, tau);
            var cuped = Judged(Adjusted(arm) - Adjusted("control"), arm, user => user.Y - theta * user.X, lines, tau);
            yield return
            [
                _layer, arm, _metric, (long)_arms["control"].Count, (long)_arms[arm].Count, control, value, plain.Difference, plain.Difference / control,
                plain.Se, plain.Difference - 1.959963984540054 * plain.Se, plain.Difference + 1.959963984540054 * plain.Se, plain.Fixed, plain.Always,
                cuped.Difference, cuped.Se, cuped.Difference - 1.959963984540054 * cuped.Se, cuped.Difference + 1.959963984540054 * cuped.Se, cuped.Fixed, cuped.Always,
                1 - cuped.Se * cuped.Se / (plain.Se * plain.Se),
            ];
        }
    }

    private static (double Difference, double Se, double Fixed, double Always) Judged(double difference, string arm, Func<(double Y, double X), double> of, Dictionary<string, List<(double Y, double X)>> lines, double tau)
    {
        var (control, treated) = (Variance(lines["control"].Select(of)), Variance(lines[arm].Select(of)));
        var square = control / lines["control"].Count + treated / lines[arm].Count;
        var spread = tau * tau * Math.Max(control, treated); // the variance of the effect to expect
        var wide = Math.Max(control, treated) / lines["control"].Count + Math.Max(control, treated) / lines[arm].Count;
        var ratio = Math.Sqrt(wide / (wide + spread)) * Math.Exp(spread * difference * difference / (2 * wide * (wide + spread)));
        return (difference, Math.Sqrt(square), NormalTail.TwoSided(difference / Math.Sqrt(square)), Math.Min(1, 1 / ratio));
    }

    private double Num(UserDay day) => _metric switch { "click_through" => day.Clicked, "clicks" => day.Clicks, "conversion_value" => day.Worth, _ => throw new ArgumentException(_metric) };

    private double Value(string arm) => _arms[arm].Sum(user => user.Num) / _arms[arm].Sum(user => user.Den);

    private List<(double Y, double X)> Lines(string arm)
    {
        var everyone = _arms.Values.SelectMany(users => users).ToList();
        var (before, meanBefore) = (everyone.Sum(user => user.PreNum) / everyone.Sum(user => user.PreDen), everyone.Average(user => user.PreDen));
        var meanDen = _arms[arm].Average(user => user.Den);
        return [.. _arms[arm].Select(user => ((user.Num - Value(arm) * user.Den) / meanDen, (user.PreNum - before * user.PreDen) / meanBefore))];
    }

    private static double Variance(IEnumerable<double> values)
    {
        var all = values.ToList();
        return all.Sum(value => Math.Pow(value - all.Average(), 2)) / (all.Count - 1);
    }
}
