using Recs.Domain;
using Recs.Embedder.Checkpoint;
using Recs.Embedder.Compute;
using Recs.Embedder.Planning;

namespace Recs.Embedder.Model;

/// <summary>The Llama 4 text decoder up to its hidden states: what is outside the layers, and where the layers come from.</summary>
internal sealed class Llama4Model : IDisposable
{
    private Llama4Model(Llama4Config config, EmbeddingTable embedding, ILayerWeights layers, Vector finalNorm_d) =>
        (Config, Embedding, Layers, FinalNorm_d) = (config, embedding, layers, finalNorm_d);

    public Llama4Config Config { get; }

    public EmbeddingTable Embedding { get; }

    public ILayerWeights Layers { get; }

    public Vector FinalNorm_d { get; }

    /// <summary>The index of the last hidden state, which is the one after the final norm.</summary>
    public int LastHiddenState => Config.Layers.Count;

    /// <param name="loader">The checkpoint, checked.</param>
    /// <param name="plan">Whether the layers stay in memory.</param>
    /// <param name="threads">Threads that load.</param>
    /// <exception cref="RefusedException">A tensor is missing, of another shape or format, or (where it is loaded now) not finite.</exception>
    public static Llama4Model Load(PartLoader loader, ResidencyPlan plan, int threads)
    {
        var table = loader.Table(plan.IsResident);
        var finalNorm = loader.LoadFinalNorm();
        ILayerWeights layers = plan.IsResident ? ResidentWeights.Load(loader, threads) : new StreamedWeights(loader, plan.ReadsAhead);
        return new Llama4Model(loader.Config, table, layers, finalNorm);
    }

    /// <summary>The same model with its layers from elsewhere.</summary>
    public Llama4Model With(ILayerWeights layers) => new(Config, Embedding, layers, FinalNorm_d);

    /// <summary>Frees the layers. No pass may be running or follow.</summary>
    public void Dispose() => Layers.Dispose();
}
