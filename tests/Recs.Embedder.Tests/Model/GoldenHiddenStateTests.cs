namespace Recs.Embedder.Tests.Model;

/// <summary>Every hidden state and router choice against Hugging Face's, float32.</summary>
public sealed class GoldenHiddenStateTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("toy")]
    [InlineData("scout-tiny")]
    [InlineData("maverick-tiny")]
    [InlineData("fp8-tiny")]
    public void Record_GoldenCheckpoint_EqualsReference(string set)
    {
        var folder = GoldenFolder.Shared(set);
        using var cases = GoldenFolder.Json(Path.Combine(folder, "cases.json"));
        var tolerance = cases.RootElement.GetProperty("tolerance").GetProperty("hidden_states_max_abs").GetDouble();
        using var expected = new Recorded(Path.Combine(folder, "expected.safetensors"));
        using var actual = GoldenFolder.Record(Path.Combine(folder, "checkpoint"), GoldenFolder.Ids(Path.Combine(folder, "ids.json")));

        var worst = 0.0;
        var compared = 0;
        foreach (var name in expected.Names.Where(name => name.Contains(".hidden_states.") || name.Contains(".router.")))
        {
            compared++;
            Assert.Equal(expected.Shape(name), actual.Shape(name));
            if (name.Contains(".router.")) Assert.Equal(expected.Integers(name), actual.Integers(name));
            else worst = Math.Max(worst, Difference.Largest(expected.Floats(name), actual.Floats(name)));
        }
        output.WriteLine($"{set}: largest difference {worst:E2} of {tolerance:E0} in {compared} tensors");
        Assert.Equal(actual.Names.Count(), compared);
        Assert.InRange(worst, 0, tolerance);
    }

    [Theory]
    [InlineData("scout-tiny")]
    [InlineData("maverick-tiny")]
    [InlineData("fp8-tiny")]
    public void Record_OneOrTwoThreads_SameBytes(string set)
    {
        var folder = GoldenFolder.Shared(set);
        var ids = GoldenFolder.Ids(Path.Combine(folder, "ids.json"));
        using var one = GoldenFolder.Record(Path.Combine(folder, "checkpoint"), ids, new EmbedderOptions { Threads = 1 });
        using var two = GoldenFolder.Record(Path.Combine(folder, "checkpoint"), ids, new EmbedderOptions { Threads = 2 });
        Assert.Equal(File.ReadAllBytes(one.Path), File.ReadAllBytes(two.Path));
    }

    [Theory]
    [InlineData("toy")]
    [InlineData("scout-tiny")]
    [InlineData("maverick-tiny")]
    [InlineData("fp8-tiny")]
    public void Record_WeightsPassingThrough_SameBytesAsResident(string set)
    {
        var folder = GoldenFolder.Shared(set);
        var ids = GoldenFolder.Ids(Path.Combine(folder, "ids.json"));
        using var resident = GoldenFolder.Record(Path.Combine(folder, "checkpoint"), ids, new EmbedderOptions { Residency = Residency.Full });
        using var streamed = GoldenFolder.Record(Path.Combine(folder, "checkpoint"), ids, new EmbedderOptions { Residency = Residency.Stream });
        Assert.Equal(File.ReadAllBytes(resident.Path), File.ReadAllBytes(streamed.Path));
    }

    [Fact]
    public void Record_Fp8Activations_EqualsReferenceAsFarAsRoundingAllows()
    {
        var folder = GoldenFolder.Shared("fp8-tiny");
        using var expected = new Recorded(Path.Combine(folder, "expected.fp8-activations.safetensors"));
        using var actual = GoldenFolder.Record(Path.Combine(folder, "checkpoint"), GoldenFolder.Ids(Path.Combine(folder, "ids.json")), new EmbedderOptions { Precision = Precision.Fp8Activations });
        List<double> differences = [];
        foreach (var name in expected.Names.Where(name => name.Contains(".hidden_states.")))
            differences.AddRange(expected.Floats(name).Zip(actual.Floats(name), (a, b) => (double)Math.Abs(a - b)));
        differences.Sort();
        output.WriteLine($"largest {differences[^1]:E2}, 99th percentile {differences[(int)(differences.Count * 0.99)]:E2}");
        // One last-bit difference of an input moves its FP8 rounding by up to an eighth: the golden README's bounds.
        Assert.InRange(differences[^1], 0, 5e-2);
        Assert.InRange(differences[(int)(differences.Count * 0.99)], 0, 2e-3);
        Assert.True(differences.Count > 10_000);
    }

    [Fact]
    public void Record_ConfigVariants_SameBytes()
    {
        var folder = GoldenFolder.Shared("no-rope-list-variants");
        using var variants = GoldenFolder.Json(Path.Combine(folder, "variants.json"));
        var weights = Path.Combine(folder, variants.RootElement.GetProperty("weights").GetString()!);
        var ids = GoldenFolder.Ids(Path.Combine(folder, variants.RootElement.GetProperty("ids").GetString()!));
        using var reference = GoldenFolder.Record(Path.GetDirectoryName(weights)!, ids);
        var expected = File.ReadAllBytes(reference.Path);
        var count = 0;
        foreach (var variant in variants.RootElement.GetProperty("variants").EnumerateArray())
        {
            var model = GoldenFolder.Temporary();
            File.Copy(weights, Path.Combine(model, "model.safetensors"));
            File.Copy(Path.Combine(folder, variant.GetProperty("config").GetString()!), Path.Combine(model, "config.json"));
            using var actual = GoldenFolder.Record(model, ids);
            Assert.True(expected.AsSpan().SequenceEqual(File.ReadAllBytes(actual.Path)), $"variant {variant.GetProperty("name")} differs");
            count++;
        }
        Assert.Equal(22, count);
    }
}
