using Recs.Embedder.Tests.Cuda.Cases;
using Recs.Embedder.Tests.Cuda.Simulator;

namespace Recs.Embedder.Tests.Cuda;

/// <summary>Every kernel against its reference: threads in both orders, with AddressSanitizer and without, which all must agree to the bit.</summary>
public sealed class KernelTests(KernelTests.Checked @checked) : IClassFixture<KernelTests.Checked>
{
    public static TheoryData<string> Cases => [.. KernelCase.All.Select(one => one.ToString())];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Kernel_EveryCase_EqualsItsReferenceInBothOrders(string name)
    {
        SimulatorBuild.Need();
        var one = KernelCase.All.Single(one => one.ToString() == name);
        List<CaseDevice> devices = [new CheckedDevice(@checked.Process, 0), new CheckedDevice(@checked.Process, 1), new SimulatedDevice(0), new SimulatedDevice(1)];
        foreach (var device in devices)
        {
            using var memory = device as IDisposable;
            one.Run(device);
            Assert.Equal(devices[0].Downloads.Count, device.Downloads.Count);
            // sqrt and exp of the C library and the order of sums are the same, whatever the optimiser does.
            foreach (var (first, again) in devices[0].Downloads.Zip(device.Downloads)) Assert.Equal(first, again);
        }
    }

    [Fact]
    public void Cases_OfEveryKernelFile_Exist()
    {
        var files = KernelCase.All.Select(one => one.File).Distinct().Order(StringComparer.Ordinal);
        Assert.Equal(Recs.Embedder.Compute.Cuda.Kernels.KernelSource.Names, files);
    }

    public sealed class Checked : IDisposable
    {
        private readonly Lazy<SimulatorProcess> _process = new(() => new SimulatorProcess(SimulatorBuild.CheckedProgram));

        internal SimulatorProcess Process => _process.Value;

        public void Dispose()
        {
            if (_process.IsValueCreated) _process.Value.Dispose();
        }
    }
}
