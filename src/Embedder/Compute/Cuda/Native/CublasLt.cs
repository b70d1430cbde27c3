using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Recs.Embedder.Compute.Cuda.Native;

/// <summary>The functions of cuBLASLt; each returns a <c>cublasStatus_t</c>. Descriptors are made by the library, so their sizes do not matter here.</summary>
internal static unsafe partial class CublasLt
{
    /// <summary>Resolved by <see cref="CudaLibraries"/>.</summary>
    public const string Name = "recs:cublasLt";

    public const int Success = 0;
    public const int InvalidValue = 7;
    public const int NotSupported = 15;

    // cudaDataType
    public const int Real32F = 0;
    public const int Real16BF = 14;
    public const int Real8E4M3 = 28;

    /// <summary>CUBLAS_COMPUTE_32F: sums in float32, and for float32 factors no TF32.</summary>
    public const int Compute32F = 68;

    // cublasOperation_t
    public const int OperationNone = 0;
    public const int OperationTranspose = 1;

    // cublasLtMatmulDescAttributes_t
    public const int DescTransA = 3;
    public const int DescTransB = 4;
    public const int DescAScalePointer = 17;
    public const int DescBScalePointer = 18;

    /// <summary>From CUDA 12.9 on.</summary>
    public const int DescAScaleMode = 31;

    /// <summary>From CUDA 12.9 on.</summary>
    public const int DescBScaleMode = 32;

    /// <summary>cublasLtMatmulMatrixScale_t: a float32 factor a row of op(A), a column of op(B).</summary>
    public const int ScaleOuterVector32F = 3;

    // cublasLtMatmulPreferenceAttributes_t
    public const int PreferenceMaxWorkspace = 1;
    public const int PreferenceReductionSchemes = 3;
    public const int PreferenceMinAlignmentA = 5;
    public const int PreferenceMinAlignmentB = 6;
    public const int PreferenceMinAlignmentC = 7;
    public const int PreferenceMinAlignmentD = 8;

    /// <summary>cublasLtMatrixLayoutAttribute_t</summary>
    public const int LayoutColumns = 3;

    [LibraryImport(Name, EntryPoint = "cublasLtCreate")]
    public static partial int Create(nint* handle);

    [LibraryImport(Name, EntryPoint = "cublasLtDestroy")]
    public static partial int Destroy(nint handle);

    [LibraryImport(Name, EntryPoint = "cublasLtGetVersion")]
    public static partial nuint GetVersion();

    [LibraryImport(Name, EntryPoint = "cublasLtMatmulDescCreate")]
    public static partial int MatmulDescCreate(nint* desc, int computeType, int scaleType);

    [LibraryImport(Name, EntryPoint = "cublasLtMatmulDescDestroy")]
    public static partial int MatmulDescDestroy(nint desc);

    [LibraryImport(Name, EntryPoint = "cublasLtMatmulDescSetAttribute")]
    public static partial int MatmulDescSetAttribute(nint desc, int attribute, void* value, nuint bytes);

    [LibraryImport(Name, EntryPoint = "cublasLtMatrixLayoutCreate")]
    public static partial int MatrixLayoutCreate(nint* layout, int type, ulong rows, ulong columns, long leadingDimension);

    [LibraryImport(Name, EntryPoint = "cublasLtMatrixLayoutDestroy")]
    public static partial int MatrixLayoutDestroy(nint layout);

    [LibraryImport(Name, EntryPoint = "cublasLtMatrixLayoutSetAttribute")]
    public static partial int MatrixLayoutSetAttribute(nint layout, int attribute, void* value, nuint bytes);

    [LibraryImport(Name, EntryPoint = "cublasLtMatmulPreferenceCreate")]
    public static partial int MatmulPreferenceCreate(nint* preference);

    [LibraryImport(Name, EntryPoint = "cublasLtMatmulPreferenceDestroy")]
    public static partial int MatmulPreferenceDestroy(nint preference);

    [LibraryImport(Name, EntryPoint = "cublasLtMatmulPreferenceSetAttribute")]
    public static partial int MatmulPreferenceSetAttribute(nint preference, int attribute, void* value, nuint bytes);

    [LibraryImport(Name, EntryPoint = "cublasLtMatmulAlgoGetHeuristic")]
    public static partial int MatmulAlgoGetHeuristic(
        nint handle, nint desc, nint a, nint b, nint c, nint d, nint preference, int asked, MatmulHeuristic* results, int* returned);

    [LibraryImport(Name, EntryPoint = "cublasLtMatmul")]
    public static partial int Matmul(
        nint handle, nint desc, void* alpha, ulong a, nint layoutA, ulong b, nint layoutB, void* beta, ulong c, nint layoutC, ulong d, nint layoutD,
        MatmulAlgorithm* algorithm, ulong workspace, nuint workspaceBytes, nint stream);
}

/// <summary>cublasLtMatmulAlgo_t: opaque, and copied about.</summary>
[InlineArray(8)]
internal struct MatmulAlgorithm
{
    private ulong _first;
}

/// <summary>cublasLtMatmulHeuristicResult_t</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MatmulHeuristic
{
    public MatmulAlgorithm Algorithm;
    public nuint WorkspaceBytes;
    public int State;
    public float Waves;
    private readonly long _reserved0;
    private readonly long _reserved1;
}
