using Recs.Embedder.Tests.Cuda.Cases;

namespace Recs.Gpu.Tests;

/// <summary>Every case of every kernel on the real compiler and the real device, against the same references as in the simulator.</summary>
internal static class KernelRun
{
    public static void All(Gpu gpu, Report report)
    {
        foreach (var one in KernelCase.All)
        {
            using var device = new GpuCaseDevice(gpu);
            report.KernelCases++;
            try
            {
                one.Run(device);
            }
            catch (CaseFailedException error)
            {
                report.Failures.Add($"kernel {one}: {error.Message}");
            }
        }
    }
}
