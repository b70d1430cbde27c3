using Recs.Embedder.Checkpoint;

namespace Recs.Embedder.Batching;

/// <summary>Groups texts into micro-batches of about as many tokens. Which texts meet in a batch decides speed only, never a result.</summary>
internal static class EmbeddingBatches
{
    /// <summary>Below this a batch is not made smaller to keep all threads busy.</summary>
    private const int LeastTokens = 48;

    /// <summary>Tokens a micro-batch aims at: enough for each expert to use a weight often while it is in the cache.</summary>
    public static int TokenBudget(Llama4Config config) => Math.Clamp(64 * config.Experts, 384, 4096);

    /// <param name="ids">Ids by text; texts without ids are left out.</param>
    /// <param name="budget">Tokens a batch; one text may have more.</param>
    /// <param name="threads">Batches should be at least so many, if there is work for it.</param>
    /// <returns>The indices of the texts of each batch.</returns>
    public static List<int[]> Plan(IReadOnlyList<int[]> ids, int budget, int threads)
    {
        var total = ids.Sum(sequence => (long)sequence.Length);
        var target = (int)Math.Clamp(total / threads, LeastTokens, budget);
        List<int[]> batches = [];
        List<int> batch = [];
        var tokens = 0;
        for (var i = 0; i < ids.Count; i++)
        {
            if (ids[i].Length == 0) continue;
            if (tokens > 0 && tokens + ids[i].Length > target) Close();
            batch.Add(i);
            tokens += ids[i].Length;
        }
        if (tokens > 0) Close();
        return batches;

        void Close()
        {
            batches.Add([.. batch]);
            batch.Clear();
            tokens = 0;
        }
    }
}
