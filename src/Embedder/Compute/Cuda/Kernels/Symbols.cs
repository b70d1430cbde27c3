using System.Collections.Concurrent;

namespace Recs.Embedder.Compute.Cuda.Kernels;

/// <summary>Kernel names with their format's ending, made once each, so that a launch makes no text.</summary>
internal static class Symbols
{
    private static readonly ConcurrentDictionary<(string Name, string Suffix), string> Known = new();

    public static string Of(string name, string suffix) => Known.GetOrAdd((name, suffix), key => key.Name + key.Suffix);
}
