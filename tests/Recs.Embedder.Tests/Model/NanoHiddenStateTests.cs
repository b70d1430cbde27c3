namespace Recs.Embedder.Tests.Model;

/// <summary>The bundled model against the goldens in its own folder: runs everywhere.</summary>
public sealed class NanoHiddenStateTests(ITestOutputHelper output)
{
    private const double Tolerance = 2e-4;

    [Fact]
    public void Record_BundledModel_EqualsReference()
    {
        using var golden = GoldenFolder.Json(Path.Combine(GoldenFolder.Nano, "golden.json"));
        using var expected = new Recorded(Path.Combine(GoldenFolder.Nano, "golden.safetensors"));
        var items = golden.RootElement.GetProperty("items").EnumerateArray().ToArray();
        int[][] ids = [.. items.Select(item => item.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()).ToArray())];
        using var actual = GoldenFolder.Record(GoldenFolder.Nano, ids);

        var worst = 0.0;
        for (var k = 0; k < items.Length; k++)
        {
            var experts = items[k].GetProperty("experts");
            for (var layer = 0; layer < 4; layer++)
            {
                // −1 marks a state of zeros, where all logits tie; the lowest index is taken.
                var chosen = experts[layer].EnumerateArray().Select(expert => Math.Max(0, expert.GetInt32()));
                Assert.Equal(chosen, actual.Integers($"s{k}.router.{layer}"));
            }
            var last = actual.Floats($"s{k}.hidden_states.4");
            if (!items[k].GetProperty("all_hidden_states").GetBoolean())
            {
                worst = Math.Max(worst, Difference.Largest(expected.Floats($"{k:D2}.last_hidden_state"), last));
                continue;
            }
            float[] all = [.. Enumerable.Range(0, 4).SelectMany(i => actual.Floats($"s{k}.hidden_states.{i}")), .. last];
            worst = Math.Max(worst, Difference.Largest(expected.Floats($"{k:D2}.hidden_states"), all));
        }
        output.WriteLine($"llama4-nano: largest difference {worst:E2} of {Tolerance:E0}");
        Assert.InRange(worst, 0, Tolerance);
    }
}
