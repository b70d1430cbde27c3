using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Recs.Embedder.Compute.Cuda.Kernels;
using Recs.Tests;

namespace Recs.Embedder.Tests.Cuda.Simulator;

/// <summary>
/// Kernel texts compiled by g++ behind the simulator, into artifacts/simulator of the repository. A build is named by the hash of its sources, so
/// that it is made once; it appears under its name only when it is whole, so that two test runs may make it at once.
/// </summary>
internal static class SimulatorBuild
{
    private static readonly string Sources = Path.Combine(Requirements.Root, "tests", "Recs.Embedder.Tests", "Cuda", "Simulator");
    private static readonly string Output = Path.Combine(Requirements.Root, "artifacts", "simulator");
    private static readonly string Own = string.Concat(Directory.EnumerateFiles(Sources).Where(path => Path.GetExtension(path) is ".h" or ".cpp").Order(StringComparer.Ordinal).Select(File.ReadAllText));
    private static readonly Lazy<string> Shared = new(() => Build(KernelSource.All, "sim.so", "-O2 -fPIC -shared -Wall -Wextra -Werror -Wno-unknown-pragmas", ["sim.cpp"]));
    private static readonly Lazy<string> Checked = new(() => BuildChecked(KernelSource.All));

    /// <summary>At most two compilers at a time.</summary>
    private static readonly SemaphoreSlim Compilers = new(2);

    /// <summary>A library that exports simLaunch, with every kernel in it.</summary>
    public static string SharedLibrary => Shared.Value;

    /// <summary>A program that serves launches under AddressSanitizer (child.cpp), with every kernel in it.</summary>
    public static string CheckedProgram => Checked.Value;

    /// <summary>Skips, or fails where RECS_REQUIRE names gxx, on a machine that cannot build it.</summary>
    public static void Need()
    {
        Requirements.Need("gxx", RuntimeInformation.ProcessArchitecture == Architecture.X64 && OperatingSystem.IsLinux(), "the kernel simulator's fibers are written for x86-64 Linux");
        Requirements.Need("gxx", IsInPath("g++"), "no g++ is in the PATH (apt-get install g++)");
    }

    /// <summary>As <see cref="CheckedProgram"/> with another text.</summary>
    public static string BuildChecked(string kernels)
    {
        // The simulator itself is the same in every program: two objects, made once.
        var objects = new[] { "sim", "child" }.Select(name => Build("", name + ".o", $"-O1 -g -fsanitize=address -c {Path.Combine(Sources, name + ".cpp")}", [])).ToArray();
        return Build(kernels, "sim-asan", $"-O1 -g -fsanitize=address {string.Join(' ', objects)}", []);
    }

    private static string Build(string kernels, string product, string options, string[] with)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Own + kernels + options)))[..16];
        var file = Path.Combine(Output, hash, product);
        if (File.Exists(file)) return file;
        var folder = Path.Combine(Output, $"{hash}.{Environment.ProcessId}.{Environment.CurrentManagedThreadId}");
        Directory.CreateDirectory(folder);
        var inputs = with.Select(name => Path.Combine(Sources, name)).ToList();
        if (kernels.Length > 0)
        {
            inputs.Insert(0, Path.Combine(folder, "kernels.cpp"));
            File.WriteAllText(inputs[0], $"#include \"sim.h\"\n{kernels}");
        }
        // No contraction, so that every optimisation level gives the same bits. The GPU does contract; the cases allow either, or the kernel forbids it.
        Compile($"-std=c++17 -ffp-contract=off -I{Sources} {string.Join(' ', inputs)} {options} -o {Path.Combine(folder, product)}");
        try
        {
            Directory.Move(folder, Path.Combine(Output, hash));
        }
        catch (IOException) when (File.Exists(file))
        {
            Directory.Delete(folder, recursive: true);
        }
        return file;
    }

    private static void Compile(string arguments)
    {
        Compilers.Wait();
        try
        {
            using var compiler = Process.Start(new ProcessStartInfo("g++", arguments) { RedirectStandardError = true })!;
            var errors = compiler.StandardError.ReadToEnd();
            compiler.WaitForExit();
            if (compiler.ExitCode != 0) throw new InvalidOperationException($"g++ {arguments}\n{errors}");
        }
        finally
        {
            Compilers.Release();
        }
    }

    private static bool IsInPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => folder.Length > 0 && File.Exists(Path.Combine(folder, program)));
}
