using System.Text;

namespace Recs.Embedder.Compute.Cuda.Kernels;

/// <summary>
/// The text of the kernels, embedded in the assembly. <see cref="All"/> is one text for NVRTC; the simulator compiles each file by itself
/// behind <see cref="Prelude"/>. <c>#line</c> keeps an error's file and line those of the repository.
/// </summary>
internal static class KernelSource
{
    private const string Prefix = "Recs.Embedder.Kernels.";

    /// <summary>What every kernel file is written on: number formats first, then what threads do together.</summary>
    private static readonly string[] PreludeNames = ["numbers.cu", "threads.cu"];

    /// <summary>The kernel files' names without the prelude's, in ordinal order.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. typeof(KernelSource).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).Select(name => name[Prefix.Length..])
            .Where(name => !PreludeNames.Contains(name)).Order(StringComparer.Ordinal),
    ];

    /// <summary>The prelude's files with their <c>#line</c>.</summary>
    public static string Prelude { get; } = Join(PreludeNames);

    /// <summary>Prelude and all kernels: one translation unit.</summary>
    public static string All { get; } = Prelude + Join(Names);

    /// <summary>The options NVRTC compiles <see cref="All"/> with, but for the architecture. Never fast math: FP8 needs subnormals.</summary>
    public static IReadOnlyList<string> Options { get; } = ["--std=c++17"];

    /// <summary>One file as it stands in the repository.</summary>
    /// <exception cref="ArgumentException">No such file is embedded.</exception>
    public static string Read(string name)
    {
        using var stream = typeof(KernelSource).Assembly.GetManifestResourceStream(Prefix + name)
            ?? throw new ArgumentException($"no kernel file {name} is embedded; there are {string.Join(", ", PreludeNames.Concat(Names))}", nameof(name));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    private static string Join(IEnumerable<string> names) => string.Concat(names.Select(name => $"#line 1 \"{name}\"\n{Read(name)}\n"));
}
