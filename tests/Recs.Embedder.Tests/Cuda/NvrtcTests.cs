using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using Recs.Embedder.Compute.Cuda.Kernels;
using Recs.Tests;

namespace Recs.Embedder.Tests.Cuda;

/// <summary>
/// The kernels' texts through NVIDIA's own compiler, which needs no GPU. The binding is this file's: the embedder's own is one for the process,
/// and other tests hand it a double.
/// </summary>
public sealed unsafe partial class NvrtcTests
{
    /// <summary>CUDA 11.8's, which Debian has; newer ones know every architecture asked for here as well.</summary>
    private static readonly string[] Names = ["libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2"];

    private static readonly nint Library = Open();

    [Theory]
    [InlineData("sm_80")]
    [InlineData("sm_90")]
    public void Compile_EveryKernel_IsMachineCodeWithoutSpills(string architecture)
    {
        Need();
        var (result, log, cubin) = Compile(KernelSource.All, [.. KernelSource.Options, $"--gpu-architecture={architecture}", "--ptxas-options=-v"]);
        Assert.True(result == 0, log);
        // An ELF file that names every kernel the simulator tests.
        Assert.Equal("\u007fELF"u8.ToArray(), cubin[..4]);
        var text = Encoding.Latin1.GetString(cubin);
        var kernels = KernelSource.Names.SelectMany(name => Kernel().Matches(KernelSource.Read(name)).Select(match => match.Groups[1].Value)).ToArray();
        Assert.True(kernels.Length > 20);
        Assert.All(kernels, kernel => Assert.Contains($".text.{kernel}\0", text, StringComparison.Ordinal));
        // Numbers that leave the registers cost a kernel most of its speed.
        Assert.Equal(kernels.Length, Frame().Count(log));
        Assert.All(Frame().Matches(log), match => Assert.Equal("0 0 0", $"{match.Groups[1]} {match.Groups[2]} {match.Groups[3]}"));
    }

    [Fact]
    public void Compile_BrokenKernel_IsToldWithFileAndLine()
    {
        Need();
        var (result, log, _) = Compile(KernelSource.All.Replace("int token = order[blockIdx.x];", "int token = ordre[blockIdx.x];", StringComparison.Ordinal), [.. KernelSource.Options]);
        Assert.NotEqual(0, result);
        Assert.Contains("gather.cu(4): error", log, StringComparison.Ordinal);
    }

    private static void Need() => Requirements.Need("nvrtc", Library != 0, $"none of {string.Join(", ", Names)} opens (Debian, non-free: apt-get install libnvrtc11.2 libnvrtc-builtins11.8)");

    private static nint Open()
    {
        foreach (var name in Names)
            if (NativeLibrary.TryLoad(name, out var library)) return library;
        return 0;
    }

    private static (int Result, string Log, byte[] Cubin) Compile(string source, string[] options)
    {
        var create = (delegate* unmanaged<nint*, byte*, byte*, int, nint*, nint*, int>)Function("CreateProgram");
        var compile = (delegate* unmanaged<nint, int, nint*, int>)Function("CompileProgram");
        var destroy = (delegate* unmanaged<nint*, int>)Function("DestroyProgram");
        nint program;
        fixed (byte* text = Encoding.UTF8.GetBytes(source + '\0')) Assert.Equal(0, create(&program, text, null, 0, null, null));
        var texts = Array.ConvertAll(options, Marshal.StringToCoTaskMemUTF8);
        int result;
        fixed (nint* first = texts) result = compile(program, texts.Length, first);
        Array.ForEach(texts, Marshal.FreeCoTaskMem);
        var log = Encoding.UTF8.GetString(Output(program, "ProgramLog")).TrimEnd('\0');
        var cubin = result == 0 ? Output(program, "CUBIN") : [];
        _ = destroy(&program);
        return (result, log, cubin);
    }

    private static byte[] Output(nint program, string what)
    {
        nuint bytes;
        Assert.Equal(0, ((delegate* unmanaged<nint, nuint*, int>)Function($"Get{what}Size"))(program, &bytes));
        var output = new byte[bytes];
        fixed (byte* to = output) Assert.Equal(0, ((delegate* unmanaged<nint, byte*, int>)Function($"Get{what}"))(program, to));
        return output;
    }

    private static nint Function(string name) => NativeLibrary.GetExport(Library, "nvrtc" + name);

    [GeneratedRegex(@"^KERNEL\((\w+),", RegexOptions.Multiline)]
    private static partial Regex Kernel();

    [GeneratedRegex(@"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads")]
    private static partial Regex Frame();
}
