namespace Recs.Ranker.Training;

/// <summary>How a head is learnt.</summary>
public sealed record TrainingOptions
{
    /// <summary>What learns. Default: <see cref="Learners.Best"/> of this machine.</summary>
    public Learner Learner { get; init; } = Learners.Best;

    /// <summary>Leaves of a tree, at least 2.</summary>
    public int Leaves { get; init; } = 63;

    /// <summary>Share of each tree's correction that is taken, above 0 to 1.</summary>
    public double LearningRate { get; init; } = 0.08;

    /// <summary>Trees at most, at least 1.</summary>
    public int Trees { get; init; } = 400;

    /// <summary>Trees without progress on the validation rows after which growing stops.</summary>
    public int Patience { get; init; } = 20;

    /// <summary>Rows a leaf must hold.</summary>
    public int RowsPerLeaf { get; init; } = 100;

    /// <summary>L2 penalty on leaf values.</summary>
    public double L2 { get; init; } = 1;

    /// <summary>Share of the columns that each tree may look at, above 0 to 1.</summary>
    public double ColumnShare { get; init; } = 0.8;

    /// <summary>Whether trees stop by log-loss; by the area under the curve otherwise.</summary>
    public bool StopByLogLoss { get; init; }

    /// <summary>L2 penalty of the logistic regression, on standardised columns.</summary>
    public double LogisticL2 { get; init; } = 1;

    /// <summary>Boosted forests of a blend, each with a seed of its own; together they weigh as much as its logistic regression.</summary>
    public int BlendSeeds { get; init; } = 3;

    /// <summary>Factors of the factorization machine for each feature and field, at least 1.</summary>
    public int Factors { get; init; } = 8;

    /// <summary>Passes of the factorization machine over the rows.</summary>
    public int Passes { get; init; } = 10;

    /// <summary>The field of each column of the full row, 0 to 7, for the factorization machine; null for one field.</summary>
    public IReadOnlyList<int>? Fields { get; init; }

    /// <summary>How scores become probabilities.</summary>
    public CalibrationKind Calibration { get; init; } = CalibrationKind.Platt;

    /// <summary>
    /// Share of the validation rows, the latest, that calibrate and nothing else; the earlier ones stop the growing. 0: all rows do both. 0 to below 1.
    /// </summary>
    public double CalibrationShare { get; init; }

    /// <summary>Seed of the learner.</summary>
    public int Seed { get; init; } = 1;
}

/// <summary>How scores become probabilities.</summary>
public enum CalibrationKind
{
    /// <summary>A line through the log-odds: strictly rising, two numbers.</summary>
    Platt = 1,
    /// <summary>Steps that never fall: any rising shape, needs more rows.</summary>
    Isotonic = 2,
}
