using Recs.Ranker.Slates;

namespace Recs.Api.Ranking;

/// <summary>The steps of the ladder in answers, logs and metrics. They are a contract: clients compare them.</summary>
internal static class StepNames
{
    /// <summary>A text for each step.</summary>
    public static string Of(Degradation step) => step switch
    {
        Degradation.None => "none",
        Degradation.FirstHeadOnly => "first_head_only",
        Degradation.Counters => "counters",
        _ => "popularity",
    };

    /// <summary>The same for a whole answer, which may also lack vectors.</summary>
    public static string Of(RankedDecision decision) =>
        decision.Request.Degradation == Degradation.None && decision.EmbeddingVersion == "none" ? "no embeddings" : Of(decision.Request.Degradation);
}
