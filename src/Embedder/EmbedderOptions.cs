namespace Recs.Embedder;

/// <summary>
/// What an operator may vary. All but <see cref="Backend"/>, <see cref="Devices"/>, <see cref="Threads"/>, <see cref="Residency"/>, <see cref="MemoryBytes"/> and
/// <see cref="Notice"/> change the embedding version; a backend changes the last bits of a vector.
/// </summary>
public sealed record EmbedderOptions
{
    /// <summary>
    /// The hidden state to pool, as Hugging Face counts them: 0 = token embeddings, l = after layer l, the number of layers = after the final
    /// norm. Default (null): the last. Range 0 to the number of layers.
    /// </summary>
    public int? Layer { get; init; }

    /// <summary>Default (null): what the folder's 1_Pooling says, or the mean where it has none.</summary>
    public Pooling? Pooling { get; init; }

    /// <summary>
    /// Tokens of a text that are used, special ones counted; the rest is cut off. Default (null): the folder's max_seq_length, or 512.
    /// At least 2.
    /// </summary>
    public int? MaxTokens { get; init; }

    /// <summary>What computes. Default: the CPU.</summary>
    public Backend Backend { get; init; }

    /// <summary>With <see cref="Backend.Cuda"/>: the driver's numbers of the GPUs that share the routed experts; all else is on each of them. Default (null): GPU 0.</summary>
    public IReadOnlyList<int>? Devices { get; init; }

    /// <summary>Threads that compute. Default 0: one a core. At most 1024. They never change a bit of a vector.</summary>
    public int Threads { get; init; }

    /// <summary>What the matrix products compute with. Default: float32.</summary>
    public Precision Precision { get; init; }

    /// <summary>Whether the weights stay in memory or pass through it. Default: as memory allows.</summary>
    public Residency Residency { get; init; }

    /// <summary>Bytes that weights and activations may take, on the GPU where that computes. Default (null): what the process may still use, or nearly all that is free on the GPU. At least 1.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Told, in one line, when something else is done than was asked for. Default (null): nobody.</summary>
    public Action<string>? Notice { get; init; }

    /// <summary>How an item's fields become the text. Default: the text itself, <c>{text}</c>.</summary>
    public EmbeddingTemplate Template { get; init; } = EmbeddingTemplate.TextOnly;
}
