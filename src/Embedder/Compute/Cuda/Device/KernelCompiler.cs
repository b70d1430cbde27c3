using System.Runtime.InteropServices;
using System.Text;
using Recs.Embedder.Compute.Cuda.Kernels;
using Recs.Embedder.Compute.Cuda.Native;

namespace Recs.Embedder.Compute.Cuda;

/// <summary>CUDA C++ to machine code of one architecture by NVRTC. Needs no device. Thread-safe.</summary>
internal static unsafe class KernelCompiler
{
    /// <summary>Everything but the source that decides the machine code.</summary>
    public static string Fingerprint(string architecture)
    {
        int major, minor;
        _ = Nvrtc.Version(&major, &minor);
        return $"nvrtc {major}.{minor} {architecture} {string.Join(' ', KernelSource.Options)}";
    }

    /// <param name="name">The file's name, for messages.</param>
    /// <param name="source">The text.</param>
    /// <param name="architecture">Such as sm_90.</param>
    /// <returns>A cubin.</returns>
    /// <exception cref="CudaException">It does not compile; the message has file and line.</exception>
    public static byte[] Compile(string name, string source, string architecture)
    {
        nint program;
        Check(Nvrtc.CreateProgram(&program, source, name, 0, null, null), name, architecture, "");
        try
        {
            string[] options = [$"--gpu-architecture={architecture}", .. KernelSource.Options];
            var texts = options.Select(Marshal.StringToCoTaskMemUTF8).ToArray();
            int result;
            fixed (nint* option = texts) result = Nvrtc.CompileProgram(program, texts.Length, option);
            foreach (var text in texts) Marshal.FreeCoTaskMem(text);
            Check(result, name, architecture, Log(program));
            nuint bytes;
            Check(Nvrtc.GetCubinSize(program, &bytes), name, architecture, "");
            var cubin = new byte[bytes];
            fixed (byte* to = cubin) Check(Nvrtc.GetCubin(program, to), name, architecture, "");
            return cubin;
        }
        finally
        {
            _ = Nvrtc.DestroyProgram(&program);
        }
    }

    private static string Log(nint program)
    {
        nuint bytes;
        if (Nvrtc.GetProgramLogSize(program, &bytes) != Nvrtc.Success || bytes <= 1) return "";
        var log = new byte[bytes];
        fixed (byte* to = log) _ = Nvrtc.GetProgramLog(program, to);
        return Encoding.UTF8.GetString(log, 0, (int)bytes - 1);
    }

    private static void Check(int result, string name, string architecture, string log)
    {
        if (result == Nvrtc.Success) return;
        var said = log.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault(line => line.Contains("error", StringComparison.Ordinal));
        var advice = result == Nvrtc.BuiltinOperationFailure
            ? "its builtins library (libnvrtc-builtins) is missing beside it; install NVRTC whole"
            : $"this NVRTC may not know {architecture}; another version of NVRTC may help, or --backend cpu";
        throw new CudaException($"GPU kernel {name} does not compile for {architecture}: {Marshal.PtrToStringUTF8((nint)Nvrtc.GetErrorString(result))}{(said is null ? "" : $": {said}")}; {advice}", result);
    }
}
