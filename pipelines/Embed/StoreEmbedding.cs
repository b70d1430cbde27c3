using Recs.Embedder;
using Recs.Storage;

namespace Recs.Pipelines.Embed;

/// <summary>A store's catalogue, as its facts have it now, into vectors in the store.</summary>
internal static class StoreEmbedding
{
    /// <param name="store">Holds the facts and takes the vectors.</param>
    /// <param name="embedder">With the template of items.</param>
    /// <param name="progress">Shows how far it is.</param>
    /// <param name="cancel">Stops the run; finished blocks are saved.</param>
    public static StoreEmbedSummary Run(IRecsStore store, Llama4Embedder embedder, EmbedProgress progress, CancellationToken cancel)
    {
        var job = new CatalogueEmbedding(store, embedder);
        var removed = 0;
        var time = progress.Run(job.Current + job.Missing, () =>
        {
            progress.Reuse(job.Current);
            removed = job.Run(done => progress.MoveTo(job.Current + done), cancel);
        });
        return new StoreEmbedSummary(job.Missing, job.Current, removed, embedder.Dimensions, embedder.Version, time.TotalSeconds, job.Missing / Math.Max(time.TotalSeconds, 0.001));
    }
}
