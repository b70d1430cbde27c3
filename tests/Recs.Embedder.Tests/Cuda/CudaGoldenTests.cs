using Recs.Embedder.Tests.Cuda.Double;

namespace Recs.Embedder.Tests.Cuda;

/// <summary>The CUDA backend over the test double, line for line what runs on a GPU: hidden states and routes against the same goldens as the CPU's.</summary>
public sealed class CudaGoldenTests(ITestOutputHelper output)
{
    /// <summary>The simulated kernels are slow: two of the sets go up to the texts of 40 tokens, two and a half chunks.</summary>
    [Theory]
    [InlineData("toy", 4)]
    [InlineData("scout-tiny", 6)]
    [InlineData("maverick-tiny", 8)]
    [InlineData("fp8-tiny", 6)]
    public void Record_GoldenCheckpoint_EqualsReference(string set, int sequences)
    {
        var folder = GoldenFolder.Shared(set);
        using var run = CudaDouble.Begin();
        using var cases = GoldenFolder.Json(Path.Combine(folder, "cases.json"));
        var tolerance = cases.RootElement.GetProperty("tolerance").GetProperty("hidden_states_max_abs").GetDouble();
        using var expected = new Recorded(Path.Combine(folder, "expected.safetensors"));
        using var actual = GoldenFolder.Record(Path.Combine(folder, "checkpoint"), GoldenFolder.Ids(Path.Combine(folder, "ids.json"))[..sequences], new EmbedderOptions { Backend = Backend.Cuda });
        var (worst, compared) = (0.0, 0);
        foreach (var name in expected.Names.Where(name => (name.Contains(".hidden_states.") || name.Contains(".router.")) && name[1] < '0' + sequences))
        {
            compared++;
            if (name.Contains(".router.")) Assert.Equal(expected.Integers(name), actual.Integers(name));
            else worst = Math.Max(worst, Difference.Largest(expected.Floats(name), actual.Floats(name)));
        }
        output.WriteLine($"{set}: largest difference {worst:E2} of {tolerance:E0} in {compared} tensors");
        Assert.Equal(actual.Names.Count(), compared);
        Assert.InRange(worst, 0, tolerance);
    }
}
