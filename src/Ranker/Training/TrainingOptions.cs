namespace Recs.Ranker.Training;

/// <summary>How a head's trees are grown.</summary>
public sealed record TrainingOptions
{
    /// <summary>Which learner grows them. Default: <see cref="Learners.Best"/> of this machine.</summary>
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

    /// <summary>Seed of the learner.</summary>
    public int Seed { get; init; } = 1;
}
