using System.Collections.Concurrent;
using Recs.Embedder.Checkpoint;
using Recs.Embedder.Compute.Cuda.Kernels;

namespace Recs.Embedder.Compute.Cuda;

/// <summary>
/// Weights in the memory of one device, resident or passing through: the way is the same. A stream of their own copies and converts them, so
/// that it goes on while another part is computed with; who uses a matrix waits for it on the device, not on the host. Thread-safe.
/// </summary>
internal sealed class CudaWeights : IWeightStore, IDisposable
{
    /// <summary>Stored matrices that are on the device at once on their way to another form.</summary>
    public const int Conversions = 2;

    private readonly NumberFormat _format;
    private readonly CudaStream _copies;
    private readonly CudaKernels _kernels;
    private readonly WeightMemory _memory;
    private readonly WeightStaging _staging;
    private readonly ConcurrentDictionary<TensorView, Lazy<(CudaVector Vector, DeviceBuffer Memory)>> _vectors = new(ReferenceEqualityComparer.Instance);
    private readonly Precision _precision;
    /// <summary>What is brought to another form is on the device twice for a while: two at a time.</summary>
    private readonly SemaphoreSlim _conversions = new(Conversions);

    private long _uploads;
    private long _settled;

    public CudaWeights(CudaDevice device, KernelModule kernels, Precision precision)
    {
        (Device, _precision, _format) = (device, precision, FormatOf(precision));
        _copies = new CudaStream(device, kernels);
        _kernels = new CudaKernels(_copies, _format);
        (_memory, _staging) = (new WeightMemory(device), new WeightStaging(_copies));
    }

    public CudaDevice Device { get; }

    /// <summary>What a number is at a precision.</summary>
    public static NumberFormat FormatOf(Precision precision) => precision == Precision.Float32 ? NumberFormat.Float32 : NumberFormat.BFloat16;

    public Matrix Upload(params ReadOnlySpan<MatrixSource> stacked)
    {
        var (outputs, inputs) = (0, stacked[0].Inputs);
        foreach (var source in stacked)
        {
            if (source.Inputs != inputs) throw new ArgumentException($"{source.Tensor.Name} has {source.Inputs} inputs, its neighbours {inputs}");
            outputs += source.Outputs;
        }
        var number = NumberOf(stacked);
        var matrix = new CudaMatrix(this, _memory.Take(CudaMatrix.BytesOf(outputs, inputs, number), _copies), outputs, inputs, number);
        try
        {
            // Two tables of one address each, so that a lone matrix can go where a group of experts goes; each at a multiple of 16 bytes.
            _staging.Copy([matrix.Numbers.Address, 0UL, matrix.Scales.Address], matrix.NumbersTable);
            var first = 0;
            foreach (var source in stacked)
            {
                Place(source, matrix, first);
                first += source.Outputs;
            }
            var arrived = new CudaEvent(Device);
            arrived.Record(_copies);
            matrix.Arrives(arrived, Interlocked.Increment(ref _uploads));
            return matrix;
        }
        catch
        {
            matrix.Dispose();
            throw;
        }
    }

    /// <summary>Vectors are small and few: each is uploaded once and stays, even where its layer passes through.</summary>
    public Vector UploadVector(TensorView source) => _vectors.GetOrAdd(source, tensor => new(() =>
    {
        var values = tensor.ReadFinite(0, checked((int)tensor.Count));
        var memory = new DeviceBuffer(Device, "gains");
        try
        {
            memory.Reserve(values.Length * sizeof(float));
            _staging.Copy<float>(values, memory.Pointer);
            _copies.Wait();
            return (new CudaVector(memory.Pointer, values.Length), memory);
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    })).Value.Vector;

    public EmbeddingTable UploadTable(TensorView source, bool isResident)
    {
        var table = new CpuEmbeddingTable(source, isResident);
        table.RequireFinite();
        return new CudaEmbeddingTable(table);
    }

    public void Settle()
    {
        var uploads = Interlocked.Read(ref _uploads);
        _copies.Wait();
        Interlocked.Exchange(ref _settled, uploads);
    }

    /// <summary>Whether an upload is known to be over.</summary>
    public bool HasSettled(long upload) => upload <= Interlocked.Read(ref _settled);

    /// <summary>Takes a matrix's memory back; <paramref name="reader"/> may still be at work with it.</summary>
    public void Return(WeightBlock block, CudaEvent? arrived, CudaStream? reader)
    {
        _memory.Return(block, reader ?? _copies);
        arrived?.Dispose();
    }

    /// <summary>All matrices must have been disposed of.</summary>
    public void Dispose()
    {
        foreach (var vector in _vectors.Values)
            if (vector.IsValueCreated) vector.Value.Memory.Dispose();
        _conversions.Dispose();
        _staging.Dispose();
        _memory.Dispose();
        _copies.Dispose();
    }

    /// <summary>FP8 where all are, and the precision takes them as such; else a number.</summary>
    private DeviceNumber NumberOf(ReadOnlySpan<MatrixSource> stacked)
    {
        var keepsFp8 = _precision is Precision.Fp8Activations or Precision.Fp8Experts;
        foreach (var source in stacked) keepsFp8 &= source.IsRounded || source.Tensor.Type == ElementType.F8E4M3;
        return keepsFp8 ? DeviceNumber.E4M3 : GemmShape.Of(_format);
    }

    private void Place(MatrixSource source, CudaMatrix matrix, int firstOutput)
    {
        var (outputs, inputs, stored) = (source.Outputs, source.Inputs, source.Tensor.Type);
        var to = matrix.Numbers.Plus((long)firstOutput * inputs * GemmShape.BytesOf(matrix.Number));
        var scalesTo = matrix.Scales.Plus((long)firstOutput * sizeof(float));
        var scales = source.ReadScales();
        var count = (long)outputs * inputs;
        var isKept = stored == StoredAs(matrix.Number) && !source.IsRounded && (scales is null || matrix.Number == DeviceNumber.E4M3);
        if (isKept && scales is not null) _staging.Copy<float>(scales, scalesTo);
        if (isKept && !source.InputMajor)
        {
            _staging.Copy(source.Tensor, source.First, count, to);
            return;
        }
        WeightBlock? raw = null, factors = null;
        _conversions.Wait();
        try
        {
            raw = _memory.Take(count * source.Tensor.ElementBytes, _copies);
            _staging.Copy(source.Tensor, source.First, count, raw.Pointer);
            if (source.IsRounded) _kernels.QuantizeWeights(raw.Pointer, stored, outputs, inputs, source.InputMajor, to, scalesTo);
            else if (matrix.Number == DeviceNumber.E4M3) _kernels.TransposeBytes(raw.Pointer, outputs, inputs, to);
            else
            {
                if (scales is not null)
                {
                    factors = _memory.Take(outputs * sizeof(float), _copies);
                    _staging.Copy<float>(scales, factors.Pointer);
                }
                _kernels.WidenWeights(raw.Pointer, stored, factors?.Pointer ?? DevicePointer.None, outputs, inputs, source.InputMajor, to);
            }
        }
        finally
        {
            if (raw is not null) _memory.Return(raw, _copies);
            _conversions.Release();
            if (factors is not null) _memory.Return(factors, _copies);
        }
    }

    private static ElementType StoredAs(DeviceNumber number) => number switch
    {
        DeviceNumber.Float32 => ElementType.F32,
        DeviceNumber.BFloat16 => ElementType.BF16,
        _ => ElementType.F8E4M3,
    };
}
