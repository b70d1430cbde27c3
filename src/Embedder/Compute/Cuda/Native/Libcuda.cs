using System.Runtime.InteropServices;

namespace Recs.Embedder.Compute.Cuda.Native;

/// <summary>The driver's functions as its C header has them; each returns a <c>CUresult</c>. Handles are <c>nint</c>, device addresses <c>ulong</c>.</summary>
internal static unsafe partial class Libcuda
{
    /// <summary>Resolved by <see cref="CudaLibraries"/>.</summary>
    public const string Name = "recs:libcuda";

    public const int Success = 0;
    public const int OutOfMemory = 2;
    public const int NoDevice = 100;
    public const int PeerAccessAlreadyEnabled = 704;
    public const int SystemDriverMismatch = 803;

    /// <summary>CU_STREAM_NON_BLOCKING: does not wait for the legacy default stream.</summary>
    public const uint StreamNonBlocking = 1;

    /// <summary>CU_EVENT_DISABLE_TIMING</summary>
    public const uint EventDisableTiming = 2;

    /// <summary>CU_MEMHOSTALLOC_PORTABLE: pinned for every context.</summary>
    public const uint HostAllocPortable = 1;

    /// <summary>CU_STREAM_CAPTURE_MODE_THREAD_LOCAL: what other threads do is not looked at.</summary>
    public const int CaptureThreadLocal = 1;

    public const int AttributeMultiprocessors = 16;
    public const int AttributeMajor = 75;
    public const int AttributeMinor = 76;
    public const int AttributeSharedOptIn = 97;

    /// <summary>CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES</summary>
    public const int FunctionMaxDynamicShared = 8;

    [LibraryImport(Name, EntryPoint = "cuInit")]
    public static partial int Init(uint flags);

    [LibraryImport(Name, EntryPoint = "cuDriverGetVersion")]
    public static partial int DriverGetVersion(int* version);

    [LibraryImport(Name, EntryPoint = "cuGetErrorName")]
    public static partial int GetErrorName(int error, byte** name);

    [LibraryImport(Name, EntryPoint = "cuGetErrorString")]
    public static partial int GetErrorString(int error, byte** text);

    [LibraryImport(Name, EntryPoint = "cuDeviceGetCount")]
    public static partial int DeviceGetCount(int* count);

    [LibraryImport(Name, EntryPoint = "cuDeviceGet")]
    public static partial int DeviceGet(int* device, int ordinal);

    [LibraryImport(Name, EntryPoint = "cuDeviceGetName")]
    public static partial int DeviceGetName(byte* name, int length, int device);

    [LibraryImport(Name, EntryPoint = "cuDeviceGetAttribute")]
    public static partial int DeviceGetAttribute(int* value, int attribute, int device);

    [LibraryImport(Name, EntryPoint = "cuDevicePrimaryCtxRetain")]
    public static partial int DevicePrimaryCtxRetain(nint* context, int device);

    [LibraryImport(Name, EntryPoint = "cuDevicePrimaryCtxRelease_v2")]
    public static partial int DevicePrimaryCtxRelease(int device);

    [LibraryImport(Name, EntryPoint = "cuCtxSetCurrent")]
    public static partial int CtxSetCurrent(nint context);

    [LibraryImport(Name, EntryPoint = "cuDeviceCanAccessPeer")]
    public static partial int DeviceCanAccessPeer(int* can, int device, int peer);

    [LibraryImport(Name, EntryPoint = "cuCtxEnablePeerAccess")]
    public static partial int CtxEnablePeerAccess(nint peerContext, uint flags);

    [LibraryImport(Name, EntryPoint = "cuMemAlloc_v2")]
    public static partial int MemAlloc(ulong* address, nuint bytes);

    [LibraryImport(Name, EntryPoint = "cuMemFree_v2")]
    public static partial int MemFree(ulong address);

    [LibraryImport(Name, EntryPoint = "cuMemGetInfo_v2")]
    public static partial int MemGetInfo(nuint* free, nuint* total);

    [LibraryImport(Name, EntryPoint = "cuMemHostAlloc")]
    public static partial int MemHostAlloc(void** pointer, nuint bytes, uint flags);

    [LibraryImport(Name, EntryPoint = "cuMemFreeHost")]
    public static partial int MemFreeHost(void* pointer);

    [LibraryImport(Name, EntryPoint = "cuMemcpyHtoDAsync_v2")]
    public static partial int MemcpyHtoDAsync(ulong to, void* from, nuint bytes, nint stream);

    [LibraryImport(Name, EntryPoint = "cuMemcpyDtoHAsync_v2")]
    public static partial int MemcpyDtoHAsync(void* to, ulong from, nuint bytes, nint stream);

    [LibraryImport(Name, EntryPoint = "cuMemcpyDtoDAsync_v2")]
    public static partial int MemcpyDtoDAsync(ulong to, ulong from, nuint bytes, nint stream);

    [LibraryImport(Name, EntryPoint = "cuMemcpyPeerAsync")]
    public static partial int MemcpyPeerAsync(ulong to, nint toContext, ulong from, nint fromContext, nuint bytes, nint stream);

    [LibraryImport(Name, EntryPoint = "cuMemsetD8Async")]
    public static partial int MemsetD8Async(ulong to, byte value, nuint bytes, nint stream);

    [LibraryImport(Name, EntryPoint = "cuStreamCreate")]
    public static partial int StreamCreate(nint* stream, uint flags);

    [LibraryImport(Name, EntryPoint = "cuStreamDestroy_v2")]
    public static partial int StreamDestroy(nint stream);

    [LibraryImport(Name, EntryPoint = "cuStreamSynchronize")]
    public static partial int StreamSynchronize(nint stream);

    [LibraryImport(Name, EntryPoint = "cuStreamWaitEvent")]
    public static partial int StreamWaitEvent(nint stream, nint waited, uint flags);

    [LibraryImport(Name, EntryPoint = "cuEventCreate")]
    public static partial int EventCreate(nint* made, uint flags);

    [LibraryImport(Name, EntryPoint = "cuEventRecord")]
    public static partial int EventRecord(nint recorded, nint stream);

    [LibraryImport(Name, EntryPoint = "cuEventSynchronize")]
    public static partial int EventSynchronize(nint waited);

    [LibraryImport(Name, EntryPoint = "cuEventDestroy_v2")]
    public static partial int EventDestroy(nint destroyed);

    [LibraryImport(Name, EntryPoint = "cuModuleLoadData")]
    public static partial int ModuleLoadData(nint* module, void* image);

    [LibraryImport(Name, EntryPoint = "cuModuleUnload")]
    public static partial int ModuleUnload(nint module);

    [LibraryImport(Name, EntryPoint = "cuModuleGetFunction")]
    public static partial int ModuleGetFunction(nint* function, nint module, byte* symbol);

    [LibraryImport(Name, EntryPoint = "cuFuncSetAttribute")]
    public static partial int FuncSetAttribute(nint function, int attribute, int value);

    [LibraryImport(Name, EntryPoint = "cuLaunchKernel")]
    public static partial int LaunchKernel(
        nint function, uint gridX, uint gridY, uint gridZ, uint blockX, uint blockY, uint blockZ, uint sharedBytes, nint stream, void** arguments, void** extra);

    [LibraryImport(Name, EntryPoint = "cuStreamBeginCapture_v2")]
    public static partial int StreamBeginCapture(nint stream, int mode);

    [LibraryImport(Name, EntryPoint = "cuStreamEndCapture")]
    public static partial int StreamEndCapture(nint stream, nint* graph);

    [LibraryImport(Name, EntryPoint = "cuGraphInstantiateWithFlags")]
    public static partial int GraphInstantiate(nint* executable, nint graph, ulong flags);

    [LibraryImport(Name, EntryPoint = "cuGraphLaunch")]
    public static partial int GraphLaunch(nint executable, nint stream);

    [LibraryImport(Name, EntryPoint = "cuGraphExecDestroy")]
    public static partial int GraphExecDestroy(nint executable);

    [LibraryImport(Name, EntryPoint = "cuGraphDestroy")]
    public static partial int GraphDestroy(nint graph);
}
