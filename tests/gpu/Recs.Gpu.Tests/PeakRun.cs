using System.Diagnostics;
using Recs.Embedder.Compute.Cuda;

namespace Recs.Gpu.Tests;

/// <summary>The device's own limits, measured in the same run as what is held against them.</summary>
internal static class PeakRun
{
    private const int Times = 10;

    /// <param name="gpu">The device.</param>
    /// <param name="side">Of the square product.</param>
    /// <param name="copied">Bytes of the copy.</param>
    public static Peaks Measure(Gpu gpu, int side, long copied)
    {
        using DeviceBuffer from = new(gpu.Device, "a peak"), to = new(gpu.Device, "a peak"), y = new(gpu.Device, "a peak"), scales = new(gpu.Device, "a peak");
        from.Reserve(Math.Max(copied, 2L * side * side));
        to.Reserve(Math.Max(copied, 2L * side * side));
        y.Reserve(2L * side * side);
        scales.Reserve(4L * side);
        gpu.Stream.Clear(from.Pointer, from.Bytes);
        gpu.Stream.Clear(to.Pointer, to.Bytes);
        gpu.Stream.Clear(scales.Pointer, scales.Bytes);
        using var plans = new GemmPlans(gpu.Device);
        var operations = 2.0 * side * side * side;
        var seconds = Seconds(gpu, () => gpu.Stream.Copy(from.Pointer, to.Pointer, copied));
        var bf16Shape = new GemmShape(side, side, DeviceNumber.BFloat16, DeviceNumber.BFloat16);
        var bf16 = operations / Seconds(gpu, () => plans.Run(gpu.Stream, bf16Shape, from.Pointer, side, to.Pointer, y.Pointer));
        var fp8Shape = new GemmShape(side, side, DeviceNumber.E4M3, DeviceNumber.BFloat16, IsScaled: true);
        var fp8 = plans.Has(fp8Shape) ? operations / Seconds(gpu, () => plans.Run(gpu.Stream, fp8Shape, from.Pointer, side, to.Pointer, y.Pointer, scales.Pointer, scales.Pointer)) : bf16;
        return new Peaks(2 * copied / seconds, bf16, fp8);
    }

    /// <summary>Of one call, on average of several behind one another.</summary>
    private static double Seconds(Gpu gpu, Action once)
    {
        once();
        gpu.Stream.Wait();
        var watch = Stopwatch.StartNew();
        for (var time = 0; time < Times; time++) once();
        gpu.Stream.Wait();
        return watch.Elapsed.TotalSeconds / Times;
    }
}
