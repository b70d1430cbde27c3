using System.Runtime.InteropServices;

namespace Recs.Embedder.Compute.Cuda.Native;

/// <summary>The functions of NVIDIA's run-time compiler; each returns an <c>nvrtcResult</c>. It needs neither a GPU nor a driver.</summary>
internal static unsafe partial class Nvrtc
{
    /// <summary>Resolved by <see cref="CudaLibraries"/>.</summary>
    public const string Name = "recs:nvrtc";

    public const int Success = 0;

    /// <summary>The source has an error; the program's log says which.</summary>
    public const int Compilation = 6;

    /// <summary>Its builtins library was not found.</summary>
    public const int BuiltinOperationFailure = 7;

    [LibraryImport(Name, EntryPoint = "nvrtcVersion")]
    public static partial int Version(int* major, int* minor);

    [LibraryImport(Name, EntryPoint = "nvrtcGetErrorString")]
    public static partial byte* GetErrorString(int result);

    [LibraryImport(Name, EntryPoint = "nvrtcCreateProgram", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int CreateProgram(nint* program, string source, string name, int headers, nint* headerTexts, nint* headerNames);

    [LibraryImport(Name, EntryPoint = "nvrtcDestroyProgram")]
    public static partial int DestroyProgram(nint* program);

    [LibraryImport(Name, EntryPoint = "nvrtcCompileProgram")]
    public static partial int CompileProgram(nint program, int options, nint* optionTexts);

    [LibraryImport(Name, EntryPoint = "nvrtcGetProgramLogSize")]
    public static partial int GetProgramLogSize(nint program, nuint* bytes);

    [LibraryImport(Name, EntryPoint = "nvrtcGetProgramLog")]
    public static partial int GetProgramLog(nint program, byte* log);

    [LibraryImport(Name, EntryPoint = "nvrtcGetCUBINSize")]
    public static partial int GetCubinSize(nint program, nuint* bytes);

    [LibraryImport(Name, EntryPoint = "nvrtcGetCUBIN")]
    public static partial int GetCubin(nint program, byte* cubin);
}
