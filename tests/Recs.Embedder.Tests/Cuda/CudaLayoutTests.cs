using System.Runtime.CompilerServices;
using Recs.Embedder.Compute.Cuda;
using Recs.Embedder.Compute.Cuda.Native;

namespace Recs.Embedder.Tests.Cuda;

/// <summary>Sizes and numbers that NVIDIA's headers fix.</summary>
public sealed class CudaLayoutTests
{
    [Fact]
    public void Structs_Sizes_AreThoseOfTheHeaders()
    {
        Assert.Equal(64, Unsafe.SizeOf<MatmulAlgorithm>());
        Assert.Equal(96, Unsafe.SizeOf<MatmulHeuristic>());
        MatmulHeuristic heuristic = default;
        Assert.Equal(64, (int)Unsafe.ByteOffset(ref Unsafe.As<MatmulHeuristic, byte>(ref heuristic), ref Unsafe.As<nuint, byte>(ref heuristic.WorkspaceBytes)));
        Assert.Equal(72, (int)Unsafe.ByteOffset(ref Unsafe.As<MatmulHeuristic, byte>(ref heuristic), ref Unsafe.As<int, byte>(ref heuristic.State)));
        Assert.Equal(76, (int)Unsafe.ByteOffset(ref Unsafe.As<MatmulHeuristic, byte>(ref heuristic), ref Unsafe.As<float, byte>(ref heuristic.Waves)));
    }

    [Fact]
    public void Numbers_OfTheHeaders_AreThese()
    {
        Assert.Equal((0, 14, 28), ((int)DeviceNumber.Float32, (int)DeviceNumber.BFloat16, (int)DeviceNumber.E4M3));
        Assert.Equal((68, 0, 1), (CublasLt.Compute32F, CublasLt.OperationNone, CublasLt.OperationTranspose));
        Assert.Equal((3, 4, 17, 18, 31, 32), (CublasLt.DescTransA, CublasLt.DescTransB, CublasLt.DescAScalePointer, CublasLt.DescBScalePointer, CublasLt.DescAScaleMode, CublasLt.DescBScaleMode));
        Assert.Equal((3, 1, 3, 3), (CublasLt.ScaleOuterVector32F, CublasLt.PreferenceMaxWorkspace, CublasLt.PreferenceReductionSchemes, CublasLt.LayoutColumns));
        Assert.Equal((5, 6, 7, 8), (CublasLt.PreferenceMinAlignmentA, CublasLt.PreferenceMinAlignmentB, CublasLt.PreferenceMinAlignmentC, CublasLt.PreferenceMinAlignmentD));
        Assert.Equal((16, 75, 76), (Libcuda.AttributeMultiprocessors, Libcuda.AttributeMajor, Libcuda.AttributeMinor));
        Assert.Equal((1u, 2u, 1u, 1), (Libcuda.StreamNonBlocking, Libcuda.EventDisableTiming, Libcuda.HostAllocPortable, Libcuda.CaptureThreadLocal));
        Assert.Equal((2, 100, 704, 803), (Libcuda.OutOfMemory, Libcuda.NoDevice, Libcuda.PeerAccessAlreadyEnabled, Libcuda.SystemDriverMismatch));
        Assert.Equal((6, 7), (Nvrtc.Compilation, Nvrtc.BuiltinOperationFailure));
    }
}
