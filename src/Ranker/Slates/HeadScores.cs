using Recs.Domain.Events;
using Recs.Features.Counting;
using Recs.Ranker.Model;

namespace Recs.Ranker.Slates;

/// <summary>What the heads, or what stands in for them, say of a request's contenders. Valid until the buffers are written over.</summary>
internal sealed class HeadScores
{
    /// <summary>Rows scored at once, and by one thread.</summary>
    private const int Piece = 256;

    private readonly InteractionType[] _actions;
    private readonly float[] _probabilities;

    private HeadScores(InteractionType[] actions, float[] probabilities, double[] values) => (_actions, _probabilities, Values) = (actions, probabilities, values);

    /// <summary>[contenders at least]: Σ weight × probability; content also with its freshness.</summary>
    public double[] Values { get; }

    /// <summary>Scores every subject with the heads that the request's step of the ladder leaves.</summary>
    /// <param name="inputs">What the state said.</param>
    /// <param name="model">The heads.</param>
    /// <param name="policy">Their weights.</param>
    /// <param name="buffers">What is written over.</param>
    /// <param name="threads">Threads that may share the work, the caller's among them; the scores are the same for any number.</param>
    public static HeadScores Of(SlateInputs inputs, RankerModel model, SlatePolicy policy, SlateBuffers buffers, int threads = 1)
    {
        var heads = inputs.Request.Degradation switch
        {
            Degradation.FirstHeadOnly => 1,
            Degradation.Popularity => 0,
            _ => model.Heads.Count,
        };
        var probabilities = buffers.Probabilities(inputs.Subjects * heads);
        if (inputs.Request.Degradation == Degradation.Counters) inputs.Rows[..(inputs.Subjects * heads)].CopyTo(probabilities);
        else if (heads > 0) Score(inputs, model, heads, probabilities, threads);

        var actions = new InteractionType[heads];
        Span<double> weights = stackalloc double[Math.Max(1, heads)];
        for (var head = 0; head < heads; head++)
        {
            actions[head] = model.Heads[head].Action;
            weights[head] = policy.Weights.Count == 0 ? head == 0 ? 1 : 0 : policy.Weights.GetValueOrDefault(actions[head]);
        }
        var values = buffers.Values(inputs.Contenders.Length);
        for (var at = 0; at < inputs.Contenders.Length; at++)
        {
            ref readonly var contender = ref inputs.Contenders[at];
            var value = 0.0;
            for (var head = 0; head < heads; head++) value += weights[head] * probabilities[contender.Subject * heads + head];
            // Without scores the order in which the sources found them is all there is.
            if (heads == 0) value = -at;
            values[at] = contender.Ad is null && policy.Freshness > 0 && heads > 0 ? value + Math.Abs(value) * policy.Freshness * Decay.Weight(contender.AgeSeconds / 3_600.0 / policy.FreshnessHalfLifeHours) : value;
        }
        return new(actions, probabilities, values);
    }

    /// <summary>P(action | shown) of a subject, or null where nothing predicts it.</summary>
    public float? Probability(int subject, InteractionType action)
    {
        var head = Array.IndexOf(_actions, action);
        return head < 0 ? null : _probabilities[subject * _actions.Length + head];
    }

    /// <summary>All heads of a subject.</summary>
    public HeadProbability[] Heads(int subject)
    {
        var heads = new HeadProbability[_actions.Length];
        for (var head = 0; head < heads.Length; head++) heads[head] = new(_actions[head], _probabilities[subject * heads.Length + head]);
        return heads;
    }

    private static void Score(SlateInputs inputs, RankerModel model, int heads, float[] probabilities, int threads)
    {
        var pieces = (inputs.Subjects + Piece - 1) / Piece;
        if (threads == 1 || pieces < 2)
            for (var piece = 0; piece < pieces; piece++) ScorePiece(piece);
        else Parallel.For(0, pieces, new ParallelOptions { MaxDegreeOfParallelism = threads }, ScorePiece);

        void ScorePiece(int piece)
        {
            Span<float> scores = stackalloc float[Piece];
            var (first, width) = (piece * Piece, model.Schema.Width);
            var count = Math.Min(Piece, inputs.Subjects - first);
            for (var head = 0; head < heads; head++)
            {
                model.Heads[head].Probabilities(inputs.Rows.Slice(first * width, count * width), width, scores[..count]);
                for (var row = 0; row < count; row++) probabilities[(first + row) * heads + head] = scores[row];
            }
        }
    }
}
