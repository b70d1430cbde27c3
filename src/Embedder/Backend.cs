namespace Recs.Embedder;

/// <summary>What computes. Part of the embedding version only as far as its <see cref="Precision"/> is.</summary>
public enum Backend
{
    /// <summary>The cores of this machine: the reference.</summary>
    Cpu = 0,

    /// <summary>An NVIDIA GPU, where its driver, NVRTC and cuBLASLt are found; else the CPU takes over and <see cref="EmbedderOptions.Notice"/> is told why.</summary>
    Cuda = 1,
}
