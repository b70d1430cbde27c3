using System.Collections.Concurrent;
using Recs.Domain;
using Recs.Domain.Items;
using Recs.Features;
using Recs.Features.Affinity;
using Recs.Features.Embedding;
using Recs.Features.State;
using Recs.Ranker.Model;

namespace Recs.Ranker.Slates;

/// <summary>
/// Features and heads of a request's candidates. An ad is judged by the item it promotes, so the two share one row.
/// Rows are scored in blocks. Readers and row buffers are pooled: one of each for every request under way. Safe from any thread while the state stands still.
/// </summary>
internal sealed class CandidateScorer(RankingState state, RankerModel model, SlatePolicy policy)
{
    private readonly ConcurrentBag<Bench> _idle = [];
    private readonly double[] _weights = policy.Weights.Count == 0
        ? [1, .. new double[model.Heads.Count - 1]]
        : [.. model.Heads.Select(head => policy.Weights.GetValueOrDefault(head.Action))];

    /// <summary>Rows scored at once: all of an ordinary request, and a bound on the buffer.</summary>
    private const int Block = 512;

    public List<ScoredCandidate> Score(RankRequest request, List<SlateCandidate> candidates, AffinityTable? affinity, ItemVectors? vectors)
    {
        var width = model.Schema.Width;
        if (!_idle.TryTake(out var bench)) bench = new(new FeatureReader(state, model.Schema), new float[Block * width]);
        var (reader, rows) = bench;
        (reader.Affinity, reader.Vectors) = (affinity, vectors);
        reader.Begin(request.User, request.Now, request.Surface);
        var bySubject = new Dictionary<ItemId, float[]>(candidates.Count);
        var waiting = new List<float[]>(Block);
        foreach (var (id, item) in candidates)
        {
            var probabilities = new float[model.Heads.Count];
            if (!bySubject.TryAdd(Subject(id, item!), probabilities)) continue;
            reader.Read(Subject(id, item!), rows.AsSpan(waiting.Count * width, width));
            waiting.Add(probabilities);
            if (waiting.Count == Block) Score(rows, waiting);
        }
        Score(rows, waiting);

        var scored = new List<ScoredCandidate>(candidates.Count);
        foreach (var (id, item) in candidates)
        {
            var probabilities = bySubject[Subject(id, item!)];
            var value = 0.0;
            for (var head = 0; head < probabilities.Length; head++) value += _weights[head] * probabilities[head];
            scored.Add(new(item!, probabilities, value));
        }
        _idle.Add(bench); // not after a fault: a reader that threw is in doubt
        return scored;
    }

    private static ItemId Subject(ItemId id, Item item) => item.Ad?.Promotes ?? id;

    /// <summary>Fills in the probabilities of the rows read so far.</summary>
    private void Score(float[] rows, List<float[]> waiting)
    {
        Span<float> scores = stackalloc float[Block];
        scores = scores[..waiting.Count];
        for (var head = 0; head < model.Heads.Count; head++)
        {
            model.Heads[head].Probabilities(rows.AsSpan(0, waiting.Count * model.Schema.Width), model.Schema.Width, scores);
            for (var row = 0; row < scores.Length; row++) waiting[row][head] = scores[row];
        }
        waiting.Clear();
    }

    private sealed record Bench(FeatureReader Reader, float[] Rows);
}
