using Recs.Api.Experiments;
using Recs.Api.Ranking;
using Recs.Ranker.Model;
using Recs.Ranker.Slates;

namespace Recs.Api.Live;

/// <summary>A ranker with what an answer says of it, and what is known of its speed. Its versions never change; another model or policy is another ranker.</summary>
/// <param name="slates">Ranks.</param>
/// <param name="arms">The experiments' arms that it stands for.</param>
/// <param name="clock">Ages what is known of its speed.</param>
internal sealed class LiveRanker(SlateRanker slates, IReadOnlyList<(ExperimentLayer Layer, ExperimentArm Arm)> arms, TimeProvider clock)
{
    private readonly HashSet<string> _told = [];

    public SlateRanker Slates => slates;

    public RankerModel Model => slates.Model;

    public string PolicyVersion { get; } = slates.Policy.Version;

    /// <summary>The version of the vectors that ranking reads, or "none".</summary>
    public string EmbeddingVersion { get; } = slates.Vectors?.Version ?? "none";

    /// <summary>Arm by layer, in the order of the layers; null without any.</summary>
    public IReadOnlyDictionary<string, string>? Arms { get; } = arms.Count == 0 ? null : arms.ToDictionary(pair => pair.Layer.Name, pair => pair.Arm.Name, StringComparer.Ordinal);

    public DegradationControl Control { get; } = new(clock);

    /// <summary>With one head, scoring with the first one is scoring with all.</summary>
    public bool HasOneHead { get; } = slates.Model.Heads.Count == 1;

    /// <summary>Candidates to expect where the request names none.</summary>
    public int Candidates { get; } = slates.Policy.ContentCandidates;

    /// <summary>True the first time that a fault of this kind is met.</summary>
    public bool IsNews(string fault)
    {
        lock (_told) return _told.Count < 100 && _told.Add(fault);
    }
}
