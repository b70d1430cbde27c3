using System.Security.Cryptography;
using System.Text.Json;
using Recs.Domain;
using Recs.Embedder.Inspection;
using Recs.Pipelines.Bench.Recipes;
using Recs.Pipelines.Tests.CommandLine;
using Recs.Tests;

namespace Recs.Pipelines.Tests.Bench.Recipes;

public sealed class RecipeCheckpointTests(ITestOutputHelper output) : IDisposable
{
    private const int TinyShard = 30 << 10;

    private readonly TestFolder _folder = new();

    [Fact]
    public void Write_Tiny_IsTheBytesOfTheRecipe()
    {
        var golden = Golden("tiny");
        var checkpoint = _folder.In("tiny");
        new RecipeCheckpoint(RecipePreset.Find("tiny"), TinyShard).Write(checkpoint);
        var compared = 0;
        foreach (var line in File.ReadLines(Path.Combine(golden, "checksums.txt")))
        {
            var parts = line.Split(' ');
            var bytes = parts[2] == "file" ? File.ReadAllBytes(Path.Combine(checkpoint, parts[1])) : TensorOf(checkpoint, parts[1]);
            Assert.True(parts[0] == Convert.ToHexStringLower(SHA256.HashData(bytes)), parts[1]);
            compared++;
        }
        Assert.True(compared > 40, $"{compared} checksums");
        Assert.Equal(["config.json", "model-00001-of-00004.safetensors", "model-00002-of-00004.safetensors", "model-00003-of-00004.safetensors", "model-00004-of-00004.safetensors", "model.safetensors.index.json"],
            Directory.EnumerateFiles(checkpoint).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("tiny")]
    [InlineData("small")]
    [InlineData("medium")]
    public void Tensors_OfAPreset_AreThoseOfTheRecipe(string preset)
    {
        string[] expected = [.. File.ReadLines(Path.Combine(Golden(preset), "checksums.txt")).Select(line => line.Split(' ')).Where(parts => parts[2] != "file").Select(parts => $"{parts[1]} {parts[2]}")];
        Assert.Equal(expected, RecipePreset.Find(preset).Tensors().Select(tensor => $"{tensor.Name} {string.Join('x', tensor.Shape)}"));
    }

    [Theory]
    [InlineData("small")]
    [InlineData("medium")]
    public void Fill_OfLargerPresets_IsTheBytesOfTheRecipe(string preset)
    {
        // The two largest tensors that are checked in well under a second, and a norm.
        var sums = File.ReadLines(Path.Combine(Golden(preset), "checksums.txt")).Select(line => line.Split(' ')).ToDictionary(parts => parts[1], parts => parts[0]);
        foreach (var tensor in RecipePreset.Find(preset).Tensors().Where(tensor => tensor.Count < 5_000_000).OrderByDescending(tensor => tensor.Count).Take(2).Append(RecipePreset.Find(preset).Tensors().Last()))
        {
            var numbers = new ushort[tensor.Count];
            RecipeNumbers.Fill(tensor, 0, numbers);
            Assert.Equal(sums[tensor.Name], Convert.ToHexStringLower(SHA256.HashData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(numbers.AsSpan()))));
        }
    }

    [Fact]
    public void Fill_FromTheMiddle_IsTheSameNumbers()
    {
        var tensor = new RecipeTensor("any.name", [1000], 1, 0.1);
        var (whole, half) = (new ushort[1000], new ushort[400]);
        RecipeNumbers.Fill(tensor, 0, whole);
        RecipeNumbers.Fill(tensor, 600, half);
        Assert.Equal(whole[600..], half);
    }

    [Theory]
    [InlineData("tiny")]
    [InlineData("small")]
    public void HiddenStates_OfARecipe_EqualTheReference(string preset)
    {
        var golden = Golden(preset);
        var checkpoint = _folder.In(preset);
        new RecipeCheckpoint(RecipePreset.Find(preset)).Write(checkpoint);
        using (var recorder = HiddenStateRecorder.Open(checkpoint))
        using (var file = File.Create(_folder.In("states.safetensors")))
            recorder.Record(TokenIdFile.Read(Path.Combine(golden, "ids.json"), recorder.VocabularySize), file);
        var (expected, actual) = (new SafetensorsBytes(Path.Combine(golden, "expected.safetensors")), new SafetensorsBytes(_folder.In("states.safetensors")));
        using var cases = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(golden, "cases.json")));
        var worst = 0.0;
        foreach (var name in actual.Names)
        {
            if (name.Contains(".router.")) Assert.True(expected.Bytes(name).SequenceEqual(actual.Bytes(name)), name);
            else worst = Math.Max(worst, Largest(expected.Floats(name), actual.Floats(name)));
        }
        output.WriteLine($"{preset}: largest difference {worst:E2}");
        Assert.InRange(worst, 0, cases.RootElement.GetProperty("tolerance").GetProperty("hidden_states_max_abs").GetDouble());
    }

    [Fact]
    public void Write_FolderThatIsWhole_IsLeftAlone()
    {
        var recipe = new RecipeCheckpoint(RecipePreset.Find("tiny"));
        recipe.Write(_folder.In("tiny"));
        Assert.True(recipe.IsIn(_folder.In("tiny")));
        var shard = _folder.In("tiny/model-00001-of-00001.safetensors");
        File.WriteAllBytes(shard, new byte[new FileInfo(shard).Length]); // shows that it is not written again
        recipe.Write(_folder.In("tiny"));
        Assert.All(File.ReadAllBytes(shard), value => Assert.Equal(0, value));
        Assert.Equal(["tiny"], Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void Write_FolderOfSomethingElse_IsRefusedAndKept()
    {
        Directory.CreateDirectory(_folder.In("tiny"));
        _folder.Write("tiny/mine.txt", "mine");
        var refused = Assert.Throws<RefusedException>(() => new RecipeCheckpoint(RecipePreset.Find("tiny")).Write(_folder.In("tiny")));
        Assert.Contains("--work", refused.Message);
        Assert.Equal("mine", File.ReadAllText(_folder.In("tiny/mine.txt")));
    }

    [Fact]
    public void Write_CutShort_LeavesNothing()
    {
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => new RecipeCheckpoint(RecipePreset.Find("tiny")).Write(_folder.In("tiny"), cancel.Token));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    public void Dispose() => _folder.Dispose();

    private static string Golden(string preset)
    {
        var found = Requirements.Shared("golden/medium/" + preset);
        Requirements.Need("shared", found is not null, $"the folder ../shared/golden/medium/{preset} is not on this machine");
        return found!;
    }

    private static byte[] TensorOf(string checkpoint, string name) => Directory.EnumerateFiles(checkpoint, "*.safetensors")
        .Select(file => new SafetensorsBytes(file)).Single(file => file.Names.Contains(name)).Bytes(name).ToArray();

    private static double Largest(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        var largest = 0.0;
        for (var i = 0; i < expected.Length; i++) largest = Math.Max(largest, Math.Abs((double)expected[i] - actual[i]));
        return largest;
    }
}
