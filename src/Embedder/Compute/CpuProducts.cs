using Recs.Embedder.Checkpoint;
using Recs.Embedder.Compute.MatMul;
using Recs.Embedder.Threading;

namespace Recs.Embedder.Compute;

/// <summary>Matrix products of one compute instance: their threads, scratch and input rounding. One product at a time.</summary>
internal sealed unsafe class CpuProducts(WorkerTeam team, Precision precision)
{
    /// <summary>Multiply-adds below which handing work to other threads costs more than it saves.</summary>
    public const long ParallelThreshold = 1 << 21;

    private readonly PanelsJob _job = new(team.Size);
    private AlignedFloats _rounded = new(0);
    private float[] _rowScales = [];

    /// <summary>y[t, n] = Σ x[t, k] · w[n, k]</summary>
    /// <param name="x_tk">Inputs.</param>
    /// <param name="rows">t</param>
    /// <param name="w_nk">Weights.</param>
    /// <param name="isRounded">Whether y is a number of the precision; else it is float32 at every precision.</param>
    /// <param name="y_tn">Result.</param>
    public void Multiply(float* x_tk, int rows, PackedMatrix w_nk, bool isRounded, float* y_tn)
    {
        if (precision is Precision.Fp8Activations or Precision.Fp8Experts && w_nk.Type == ElementType.F8E4M3) MultiplyRounded(x_tk, rows, w_nk, y_tn);
        else if (precision == Precision.BFloat16) MultiplyBFloat16(x_tk, rows, w_nk, isRounded, y_tn);
        else Product(x_tk, rows, w_nk, isScaled: true, y_tn);
    }

    /// <summary>Inputs and results as bf16 numbers, sums in float32.</summary>
    private void MultiplyBFloat16(float* x_tk, int rows, PackedMatrix w_nk, bool isRounded, float* y_tn)
    {
        var inputs = (long)rows * w_nk.Inputs;
        if (_rounded.Count < inputs) _rounded = new AlignedFloats(inputs);
        BFloat16Rounding.Round(x_tk, _rounded.Pointer, (nint)inputs);
        Product(_rounded.Pointer, rows, w_nk, isScaled: true, y_tn);
        if (isRounded) BFloat16Rounding.Round(y_tn, y_tn, (nint)rows * w_nk.Outputs);
    }

    /// <summary>Both factors as E4M3 numbers, then both scales: the order of compressed-tensors, whose sums are exact or nearly so.</summary>
    private void MultiplyRounded(float* x_tk, int rows, PackedMatrix w_nk, float* y_tn)
    {
        if (_rounded.Count < (long)rows * w_nk.Inputs) _rounded = new AlignedFloats((long)rows * w_nk.Inputs);
        if (_rowScales.Length < rows) _rowScales = new float[rows];
        for (var t = 0; t < rows; t++) _rowScales[t] = Fp8Rounding.Round(x_tk + (nint)t * w_nk.Inputs, _rounded.Pointer + (nint)t * w_nk.Inputs, w_nk.Inputs);
        Product(_rounded.Pointer, rows, w_nk, isScaled: false, y_tn);
        for (var t = 0; t < rows; t++)
        {
            var y = y_tn + (nint)t * w_nk.Outputs;
            for (var n = 0; n < w_nk.Outputs; n++) y[n] = y[n] * _rowScales[t] * w_nk.Scales[n];
        }
    }

    private void Product(float* x_tk, int rows, PackedMatrix w_nk, bool isScaled, float* y_tn)
    {
        var isSmall = team.Size == 1 || (long)rows * w_nk.Inputs * w_nk.Outputs < ParallelThreshold;
        // A few pieces a thread, so that a thread that is held up does not hold up the rest.
        var pieces = isSmall ? 1 : Math.Min(w_nk.Panels, team.Size * 4);
        _job.Set(x_tk, rows, w_nk, isScaled, y_tn, pieces);
        team.Run(_job, pieces);
    }

    /// <summary>A product in pieces of neighbouring panels.</summary>
    private sealed class PanelsJob : TeamJob
    {
        private readonly AlignedFloats[] _scratch;
        private float* _x;
        private float* _y;
        private int _rows;
        private int _pieces;
        private bool _isScaled;
        private PackedMatrix? _w;

        public PanelsJob(int workers) => _scratch = [.. Enumerable.Range(0, workers).Select(_ => new AlignedFloats(MatMulKernel.ScratchCount))];

        public void Set(float* x, int rows, PackedMatrix w, bool isScaled, float* y, int pieces)
        {
            _x = x;
            _y = y;
            (_rows, _w, _isScaled, _pieces) = (rows, w, isScaled, pieces);
        }

        public override void Run(int worker, int piece) => MatMulKernel.Run(_x, _rows, _w!, FirstPanel(piece), FirstPanel(piece + 1), _isScaled, _y, _scratch[worker].Pointer);

        private int FirstPanel(int piece) => (int)((long)_w!.Panels * piece / _pieces);
    }
}
