using Recs.Embedder.Checkpoint;
using Recs.Embedder.Compute;
using Recs.Embedder.Model;

namespace Recs.Embedder.Batching;

/// <summary>Counts which expert the pooled tokens of each sequence went to, layer by layer, as the forward pass goes along.</summary>
internal sealed class SignatureTally(PackedBatch batch, PooledRange range, Llama4Config config) : IForwardObserver
{
    private readonly List<int[]> _winnersByLayer = [];

    public void OnHiddenState(int index, Tensor x_td)
    {
        // Only routes are of interest here.
    }

    public void OnRouting(int layer, Routing routing)
    {
        var winners = new int[batch.Sequences];
        Span<int> counts_e = config.Experts <= 1024 ? stackalloc int[config.Experts] : new int[config.Experts];
        for (var s = 0; s < winners.Length; s++)
        {
            counts_e.Clear();
            for (var t = batch.Starts[s] + range.SkipFirst; t < batch.Starts[s + 1] - range.SkipLast; t++) counts_e[routing.Experts[t]]++;
            // The lowest number wins among equals, as in the router.
            var best = 0;
            for (var expert = 1; expert < counts_e.Length; expert++)
                if (counts_e[expert] > counts_e[best]) best = expert;
            winners[s] = best;
        }
        _winnersByLayer.Add(winners);
    }

    /// <summary>Complete once the pass is.</summary>
    public RouterSignature SignatureOf(int sequence) => new([.. _winnersByLayer.Select(winners => winners[sequence])]);
}
