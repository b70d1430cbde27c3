namespace Recs.Embedder;

/// <summary>Where the weights are while texts are embedded. Never changes a bit of a vector.</summary>
public enum Residency
{
    /// <summary><see cref="Full"/> where the weights fit the memory allowed, else <see cref="Stream"/>.</summary>
    Auto = 0,

    /// <summary>All layers in memory, packed once.</summary>
    Full = 1,

    /// <summary>
    /// Layer by layer: each layer is read, every text in flight runs through it, then it is dropped, while the next one is being read.
    /// Needs memory for two layers, and reads the checkpoint once for each large batch of texts.
    /// </summary>
    Stream = 2,
}
