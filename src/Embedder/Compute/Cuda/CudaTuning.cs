using System.Globalization;

namespace Recs.Embedder.Compute.Cuda;

/// <summary>What decides between two ways of computing the same on a device. Defaults are by arithmetic, not measured: no figure of a GPU is known yet.</summary>
internal sealed record CudaTuning
{
    /// <summary>Tokens a micro-batch aims at: by arithmetic a large GPU computes as long as it reads Scout's weights from about 1,300 tokens on.</summary>
    public const int BatchTokens = 4096;

    /// <summary>Sets <see cref="StreamTokens"/>.</summary>
    public const string StreamVariable = "RECS_CUDA_STREAM_TOKENS";

    /// <summary>
    /// Tokens an expert, on average, up to which one kernel goes through all experts and reads their counts on the device. Beyond, each expert is a
    /// product of cuBLASLt of its own, for which the host waits for the counts: a product has to be that large to be worth it.
    /// </summary>
    public int StreamTokens { get; init; } = 64;

    /// <summary>
    /// Tokens of a micro-batch up to which its launches are recorded when its shape comes up again: so few tokens take no longer to compute than
    /// to launch. 0: never.
    /// </summary>
    public int GraphTokens { get; init; } = 256;

    /// <summary>Shapes that are kept recorded; beyond, all are forgotten.</summary>
    public int Graphs { get; init; } = 256;

    /// <summary>Defaults, and what the environment says.</summary>
    public static CudaTuning Here() =>
        int.TryParse(Environment.GetEnvironmentVariable(StreamVariable), NumberStyles.None, CultureInfo.InvariantCulture, out var tokens) ? new CudaTuning { StreamTokens = tokens } : new CudaTuning();
}
