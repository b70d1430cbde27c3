namespace Recs.Ranker.Evaluation;

/// <summary>
/// What a policy would have earned, from a log of another one. With w = P(action | evaluated policy) / P(action | logging policy), r the reward
/// and q a model of the reward: IPS = mean of w·r; SNIPS = Σ w·r / Σ w; direct method = mean over the rows of Σ over actions of P(action | evaluated) · q;
/// doubly robust = direct method + mean of w·(r − q of the logged action); effective sample size = (Σ w)² / Σ w².
/// Sources: Horvitz and Thompson (1952); Swaminathan and Joachims (2015); Dudík, Langford and Li (2011); Kish (1965).
/// </summary>
/// <param name="Ips">Inverse propensity score.</param>
/// <param name="Snips">Self-normalised; NaN where no logged action is one of the evaluated policy's.</param>
/// <param name="DirectMethod">From the reward model alone.</param>
/// <param name="DoublyRobust">The reward model, corrected by the log.</param>
/// <param name="EffectiveSampleSize">Rows of equal weight that would vary as much; 0 to the number of rows.</param>
public readonly record struct OffPolicyEstimate(double Ips, double Snips, double DirectMethod, double DoublyRobust, double EffectiveSampleSize)
{
    /// <summary>Estimates from the rows of a log.</summary>
    /// <exception cref="ArgumentException">No rows, or a propensity that is not above 0.</exception>
    public static OffPolicyEstimate Of(IReadOnlyList<OffPolicyRow> rows)
    {
        if (rows.Count == 0) throw new ArgumentException("an estimate needs at least one row", nameof(rows));
        double weighted = 0, weights = 0, squares = 0, direct = 0, corrected = 0;
        foreach (var row in rows)
        {
            if (!(row.Propensity > 0)) throw new ArgumentException($"a propensity of {row.Propensity}: what was shown had a chance above 0", nameof(rows));
            var weight = row.Probability / row.Propensity;
            weighted += weight * row.Reward;
            weights += weight;
            squares += weight * weight;
            direct += row.ModelledPolicy;
            corrected += weight * (row.Reward - row.ModelledAction);
        }
        return new(weighted / rows.Count, weighted / weights, direct / rows.Count, (direct + corrected) / rows.Count, squares == 0 ? 0 : weights * weights / squares);
    }
}

/// <summary>One logged action.</summary>
/// <param name="Reward">What came of it.</param>
/// <param name="Propensity">The chance with which the logging policy took it, above 0.</param>
/// <param name="Probability">The chance with which the evaluated policy would have.</param>
/// <param name="ModelledAction">The reward model's value of it.</param>
/// <param name="ModelledPolicy">The reward model's value of the evaluated policy at this row.</param>
public readonly record struct OffPolicyRow(double Reward, double Propensity, double Probability, double ModelledAction, double ModelledPolicy);
