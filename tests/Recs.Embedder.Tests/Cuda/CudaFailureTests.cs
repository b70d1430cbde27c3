using Recs.Domain;
using Recs.Embedder.Compute.Cuda;
using Recs.Embedder.Tests.Cuda.Double;

namespace Recs.Embedder.Tests.Cuda;

/// <summary>What a GPU can say no to: one clear message with CUDA's name for it, nothing leaked, and the CPU where there is no GPU at all.</summary>
public sealed class CudaFailureTests
{
    private static readonly int[][] Texts = [[7, 8, 9]];

    [Theory]
    [InlineData(Residency.Full)]
    [InlineData(Residency.Stream)]
    public void Embed_AnyAllocationFails_SaysSoAndLeaksNothing(Residency residency)
    {
        var options = new EmbedderOptions { Backend = Backend.Cuda, Residency = residency };
        int[] wanted;
        using (var run = CudaDouble.Begin())
        {
            var before = run.Count("allocations");
            using (var embedder = TokenEmbedder.Load(GoldenFolder.Nano, options)) embedder.Embed(Texts);
            var all = (int)(run.Count("allocations") - before);
            // While the first weights are loaded, in between, and in the pass.
            wanted = [1, 2, 3, .. Enumerable.Range(1, 4).Select(quarter => all * quarter / 4 - 1)];
        }
        var refusals = 0;
        foreach (var nth in wanted)
        {
            using var run = CudaDouble.Begin(("allocation", nth));
            try
            {
                using var embedder = TokenEmbedder.Load(GoldenFolder.Nano, options);
                embedder.Embed(Texts);
            }
            catch (RefusedException failed)
            {
                refusals++;
                Assert.Contains("CUDA_ERROR_OUT_OF_MEMORY", failed.Message);
                Assert.Matches("MB (for|of host memory)", failed.Message);
            }
        }
        // Some are got over: memory of weights that nobody uses any more is given back, and then there is enough.
        Assert.InRange(refusals, 2, wanted.Length);
    }

    [Fact]
    public void Embed_TooLittleMemory_IsRefusedBeforeAnythingIsRead()
    {
        using var run = CudaDouble.Begin(("memory", 4 << 20));
        var failed = Assert.ThrowsAny<RefusedException>(() => TokenEmbedder.Load(GoldenFolder.Nano, new EmbedderOptions { Backend = Backend.Cuda }));
        Assert.Contains("GB of memory are needed", failed.Message);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    public void Embed_LaunchFails_NamesTheError(int nth)
    {
        using var run = CudaDouble.Begin(("launch", nth));
        var failed = Assert.ThrowsAny<RefusedException>(() =>
        {
            using var embedder = TokenEmbedder.Load(GoldenFolder.Nano, new EmbedderOptions { Backend = Backend.Cuda });
            embedder.Embed(Texts);
        });
        // What broke the context is told once; whoever comes next, on another thread, is told the same.
        Assert.Matches("^GPU: [^:]+ failed: CUDA_ERROR_LAUNCH_FAILED", failed.Message);
    }

    [Fact]
    public void Embed_KernelDoesNotCompile_SaysFileAndLine()
    {
        using var run = CudaDouble.Begin(("compile-fails", 1));
        var cache = Environment.GetEnvironmentVariable(KernelCache.FolderVariable);
        try
        {
            Environment.SetEnvironmentVariable(KernelCache.FolderVariable, GoldenFolder.Temporary());
            var failed = Assert.Throws<CudaException>(() => TokenEmbedder.Load(GoldenFolder.Nano, new EmbedderOptions { Backend = Backend.Cuda }));
            Assert.Contains("NVRTC_ERROR_COMPILATION: kernels.cu(12): error: identifier \"row\" is undefined", failed.Message);
        }
        finally
        {
            Environment.SetEnvironmentVariable(KernelCache.FolderVariable, cache);
        }
    }

    [Fact]
    public void Load_SecondTime_CompilesNothing()
    {
        using var run = CudaDouble.Begin();
        var folder = GoldenFolder.Temporary();
        var cache = new KernelCache(folder);
        int Compiled(KernelCache kept)
        {
            var before = run.Count("compiles");
            using var device = CudaDevice.Open(0, CudaDriver.Start(CudaSearch.Here).Devices);
            using (KernelModule.Load(device, kept)) return (int)(run.Count("compiles") - before);
        }

        Assert.Equal((1, 0), (Compiled(cache), Compiled(cache)));
        var file = Assert.Single(Directory.GetFiles(folder));
        // A damaged file is made again.
        File.WriteAllText(file, "no cubin");
        Assert.Equal((1, 0), (Compiled(cache), Compiled(cache)));
        // A folder that cannot be made is done without.
        Assert.Equal((1, 1), (Compiled(new KernelCache(Path.Combine(file, "below"))), Compiled(new KernelCache(Path.Combine(file, "below")))));
    }

    [Theory]
    [InlineData("init-fails", 1, "CUDA_ERROR_NO_DEVICE")]
    [InlineData("devices", 0, "has no device")]
    [InlineData("driver", 11080, "at least 12.0 is needed")]
    [InlineData("driver", 0, "too old")]
    public void Embed_NoGpuToUse_TheCpuTakesOverAndSaysWhy(string wish, int value, string why)
    {
        using var run = CudaDouble.Begin((wish, value));
        List<string> said = [];
        using var instead = TokenEmbedder.Load(GoldenFolder.Nano, new EmbedderOptions { Backend = Backend.Cuda, Notice = said.Add });
        using var cpu = TokenEmbedder.Load(GoldenFolder.Nano);
        Assert.Equal(cpu.Embed(Texts)[0].Vector, instead.Embed(Texts)[0].Vector);
        Assert.Contains(why, Assert.Single(said));
        Assert.Contains("the CPU computes instead", said[0]);
    }

    [Fact]
    public void Open_DeviceThatIsNotThere_IsRefused()
    {
        using var run = CudaDouble.Begin(("devices", 2));
        Assert.Contains("GPU 2 is out of range: the driver has 2", Assert.ThrowsAny<RefusedException>(() => CudaBackend.Open(Precision.Float32, [0, 2])).Message);
        Assert.Contains("each once", Assert.ThrowsAny<RefusedException>(() => CudaBackend.Open(Precision.Float32, [1, 1])).Message);
    }
}
