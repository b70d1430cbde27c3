using System.Globalization;
using Recs.Embedder;

namespace Recs.Pipelines.Doctor;

/// <summary>What <c>--backend cuda</c> would find: NVIDIA's libraries, the driver's version, each GPU with its memory.</summary>
internal static class GpuParts
{
    public static IEnumerable<Finding> Find()
    {
        var found = Gpus.Find();
        foreach (var library in found.Libraries)
            yield return library.FoundAs is { } name
                ? Finding.Ok(library.Name, $"{name} loads")
                : Finding.Without(library.Name, $"{library.Missing![..library.Missing!.LastIndexOf(';')]}: the CPU backend is used", $"for a GPU, {library.Missing![(library.Missing!.LastIndexOf(';') + 2)..]}");
        if (found.Reason is not null)
        {
            // Where a library is missing, its own line has said so.
            if (found.Libraries.All(library => library.FoundAs is not null)) yield return Finding.Without("GPU", $"{found.Reason}: the CPU backend is used", "see the line's end");
            yield break;
        }
        yield return Finding.Ok("CUDA", found.Versions!);
        foreach (var gpu in found.Devices)
            yield return Finding.Ok($"GPU {gpu.Number}", string.Create(CultureInfo.InvariantCulture, $"{gpu.Name}, {gpu.Architecture}, {gpu.FreeBytes / (double)(1L << 30):0.0} of {gpu.TotalBytes / (double)(1L << 30):0.0} GiB free"));
    }
}
