using Recs.Domain;
using Recs.Embedder.Inspection;
using Recs.Tests;

namespace Recs.Embedder.Tests.Checkpoint;

/// <summary>Damaged checkpoints and ids are refused by name before anything is computed; odd but valid ones are read.</summary>
public sealed class BrokenCheckpointTests
{
    public static TheoryData<string> Cases()
    {
        var path = Requirements.Shared("golden/broken/broken.json");
        if (path is null) return ["(goldens missing)"];
        using var list = GoldenFolder.Json(path);
        return [.. list.RootElement.GetProperty("cases").EnumerateArray().Select(entry => entry.GetProperty("name").GetString()!)];
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Record_BrokenJsonCase_DoesAsTheCaseSays(string name)
    {
        var folder = GoldenFolder.Shared("broken");
        using var list = GoldenFolder.Json(Path.Combine(folder, "broken.json"));
        var entry = list.RootElement.GetProperty("cases").EnumerateArray().Single(entry => entry.GetProperty("name").GetString() == name);
        var model = Path.Combine(folder, entry.GetProperty("model").GetString()!);
        var ids = Path.Combine(folder, entry.GetProperty("ids").GetString()!);
        if (entry.GetProperty("expect").GetString() == "refuse")
        {
            var refused = Assert.Throws<RefusedException>(() => Run(model, ids));
            var names = entry.GetProperty("message_has_one_of").EnumerateArray().Select(word => word.GetString()!);
            Assert.True(names.Any(word => refused.Message.Contains(word, StringComparison.OrdinalIgnoreCase)), refused.Message);
            Assert.DoesNotContain('\n', refused.Message);
            return;
        }
        var expected = list.RootElement.GetProperty("last_hidden_state_of_toy_case_0").EnumerateArray().Select(value => value.GetSingle()).ToArray();
        Assert.InRange(Difference.Largest(expected, Run(model, ids).AsSpan(0, expected.Length)), 0, 2e-5);
    }

    private static float[] Run(string model, string ids)
    {
        int[][] sequences;
        using (var recorder = HiddenStateRecorder.Open(model)) sequences = TokenIdFile.Read(ids, recorder.VocabularySize);
        using var recorded = GoldenFolder.Record(model, sequences);
        return recorded.Floats("s0.hidden_states.4");
    }
}
