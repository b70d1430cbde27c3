using Recs.Pipelines.Quality;

namespace Recs.Pipelines.Models;

/// <summary>What a model must not lose against the live one before it may take its place, head by head on the same rows.</summary>
internal sealed record Guardrails
{
    /// <summary>AUC it may be lower, at least 0.</summary>
    public double Auc { get; init; } = 0.002;

    /// <summary>Log-loss it may be higher, as a share of the live model's, at least 0.</summary>
    public double Logloss { get; init; } = 0.01;

    /// <summary>Calibration error it may be higher, at least 0.</summary>
    public double Ece { get; init; } = 0.01;

    /// <summary>Root mean squared error (of amounts) it may be higher, as a share of the live model's, at least 0.</summary>
    public double Rmse { get; init; } = 0.01;

    /// <summary>Every figure of both, and whether it holds.</summary>
    /// <param name="candidates">By head, of the model that wants to be live.</param>
    /// <param name="lives">By head, of the one that is.</param>
    public IReadOnlyList<GuardrailCheck> Compare(IReadOnlyDictionary<string, QualityFigures> candidates, IReadOnlyDictionary<string, QualityFigures> lives)
    {
        List<GuardrailCheck> checks = [];
        foreach (var (head, before) in lives.OrderBy(head => head.Key, StringComparer.Ordinal))
        {
            if (!candidates.TryGetValue(head, out var after))
            {
                checks.Add(new(head, "head", null, null, "the live model predicts it", false));
                continue;
            }
            Add("auc", after.Auc, before.Auc, before.Auc - Auc, lower: true);
            Add("logloss", after.Logloss, before.Logloss, before.Logloss * (1 + Logloss), lower: false);
            Add("ece", after.Ece, before.Ece, before.Ece + Ece, lower: false);
            Add("rmse", after.Rmse, before.Rmse, before.Rmse * (1 + Rmse), lower: false);

            void Add(string metric, double? candidateValue, double? liveValue, double? limit, bool lower)
            {
                if (liveValue is null) return;
                var holds = candidateValue is { } value && (lower ? value >= limit : value <= limit);
                checks.Add(new(head, metric, candidateValue, liveValue, FormattableString.Invariant($"{(lower ? "at least" : "at most")} {limit:0.0000}"), holds));
            }
        }
        return checks;
    }
}

/// <summary>One figure of two models.</summary>
internal sealed record GuardrailCheck(string Head, string Metric, double? Candidate, double? Live, string Limit, bool Holds);
