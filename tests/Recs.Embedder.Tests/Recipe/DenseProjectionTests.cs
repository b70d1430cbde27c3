using Recs.Domain;
using Recs.Embedder.Checkpoint;

namespace Recs.Embedder.Tests.Recipe;

/// <summary>A folder in the sentence-transformers layout with a Dense module between pooling and norm.</summary>
public sealed class DenseProjectionTests
{
    private static readonly float[] Weights = [.. Enumerable.Range(0, 3 * 256).Select(i => MathF.Sin(i))];
    private static readonly float[] Bias = [0.5f, -0.25f, 0.125f];

    [Theory]
    [InlineData("torch.nn.modules.activation.Tanh", true)]
    [InlineData("torch.nn.modules.linear.Identity", true)]
    [InlineData("torch.nn.modules.linear.Identity", false)]
    public void Embed_FolderWithDense_IsProjectedAndThenNormalised(string activation, bool hasBias)
    {
        using var plain = Llama4Embedder.Load(GoldenFolder.Nano);
        using var projecting = Llama4Embedder.Load(Folder(activation, hasBias));
        Assert.Equal(3, projecting.Dimensions);
        Assert.NotEqual(plain.Version, projecting.Version);
        var unit = plain.Embed("red retro spot mug").Vector; // the pooled vector but for its length, which an inner state tells
        using var pooledOnly = Llama4Embedder.Load(Folder(activation, hasBias, isNormalized: false, hasDense: false));
        var pooled = pooledOnly.Embed("red retro spot mug").Vector;
        Assert.Equal(unit[0] / unit[1], pooled[0] / pooled[1], 1e-3);
        var expected = new double[3];
        for (var o = 0; o < 3; o++)
        {
            for (var i = 0; i < 256; i++) expected[o] += (double)Weights[o * 256 + i] * pooled[i];
            if (hasBias) expected[o] += Bias[o];
            if (activation.EndsWith("Tanh", StringComparison.Ordinal)) expected[o] = Math.Tanh(expected[o]);
        }
        var norm = Math.Sqrt(expected.Sum(value => value * value));
        var actual = projecting.Embed("red retro spot mug").Vector;
        for (var o = 0; o < 3; o++) Assert.Equal(expected[o] / norm, actual[o], 1e-5);
    }

    [Fact]
    public void Load_DenseThatDoesNotFit_Refuses()
    {
        Assert.Contains("Tanh or Identity", Refusal(Folder("torch.nn.modules.activation.ReLU", true)));
        Assert.Contains("hidden size is 256", Refusal(Folder("torch.nn.modules.activation.Tanh", true, inputs: 128)));
        var cut = Folder("torch.nn.modules.activation.Tanh", true);
        File.Delete(Path.Combine(cut, "2_Dense", "model.safetensors"));
        Assert.Contains("2_Dense", Refusal(cut));
    }

    private static string Refusal(string folder) => Assert.Throws<RefusedException>(() => Llama4Embedder.Load(folder)).Message;

    private static string Folder(string activation, bool hasBias, bool isNormalized = true, bool hasDense = true, int inputs = 256)
    {
        var folder = GoldenFolder.Temporary();
        foreach (var name in new[] { "config.json", "model.safetensors", "tokenizer.json", "sentence_bert_config.json", "1_Pooling/config.json" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, name))!);
            File.Copy(Path.Combine(GoldenFolder.Nano, name), Path.Combine(folder, name));
        }
        string[] modules = ["Transformer", "Pooling", .. hasDense ? ["Dense"] : Array.Empty<string>(), .. isNormalized ? ["Normalize"] : Array.Empty<string>()];
        File.WriteAllText(Path.Combine(folder, "modules.json"), "[" + string.Join(",", modules.Select((module, i) =>
            $$"""{"idx":{{i}},"name":"{{i}}","path":"{{(module == "Transformer" ? "" : $"{i}_{module}")}}","type":"sentence_transformers.models.{{module}}"}""")) + "]");
        var dense = Directory.CreateDirectory(Path.Combine(folder, "2_Dense")).FullName;
        File.WriteAllText(Path.Combine(dense, "config.json"), $$"""{"in_features":{{inputs}},"out_features":3,"bias":{{(hasBias ? "true" : "false")}},"activation_function":"{{activation}}"}""");
        using var output = File.Create(Path.Combine(dense, "model.safetensors"));
        var writer = new SafetensorsWriter(output, [("linear.weight", "F32", [3, inputs]), ("linear.bias", "F32", [3])]);
        writer.Write<float>("linear.weight", Weights.AsSpan(0, 3 * inputs));
        writer.Write<float>("linear.bias", Bias);
        writer.Finish();
        return folder;
    }
}
