using System.Collections.Concurrent;
using Recs.Domain;
using Recs.Features;
using Recs.Features.Affinity;
using Recs.Features.Embedding;
using Recs.Features.State;
using Recs.Ranker.Model;

namespace Recs.Ranker.Slates;

/// <summary>
/// Features and heads of a request's candidates. An ad is judged by the item it promotes, so the two share one row.
/// Readers and row buffers are pooled: one of each for every request under way. Safe from any thread while the state stands still.
/// </summary>
internal sealed class CandidateScorer(RankingState state, RankerModel model, SlatePolicy policy)
{
    private readonly ConcurrentBag<Bench> _idle = [];
    private readonly double[] _weights = policy.Weights.Count == 0
        ? [1, .. new double[model.Heads.Count - 1]]
        : [.. model.Heads.Select(head => policy.Weights.GetValueOrDefault(head.Action))];

    public List<ScoredCandidate> Score(RankRequest request, List<SlateCandidate> candidates, AffinityTable? affinity, ItemVectors? vectors)
    {
        if (!_idle.TryTake(out var bench)) bench = new(new FeatureReader(state, model.Schema), new float[model.Schema.Width]);
        var (reader, row) = bench;
        (reader.Affinity, reader.Vectors) = (affinity, vectors);
        reader.Begin(request.User, request.Now);
        var bySubject = new Dictionary<ItemId, float[]>(candidates.Count);
        var scored = new List<ScoredCandidate>(candidates.Count);
        foreach (var (id, item) in candidates)
        {
            var subject = item!.Ad?.Promotes ?? id;
            if (!bySubject.TryGetValue(subject, out var probabilities))
            {
                reader.Read(subject, row);
                bySubject.Add(subject, probabilities = [.. model.Heads.Select(head => head.Probability(row))]);
            }
            var value = 0.0;
            for (var head = 0; head < probabilities.Length; head++) value += _weights[head] * probabilities[head];
            scored.Add(new(item, probabilities, value));
        }
        _idle.Add(bench); // not after a fault: a reader that threw is in doubt
        return scored;
    }

    private sealed record Bench(FeatureReader Reader, float[] Row);
}
