using System.Text.Json;
using Recs.Embedder.Checkpoint;
using Recs.Embedder.Inspection;
using Recs.Tests;

namespace Recs.Embedder.Tests;

/// <summary>Files of the goldens, and runs over them.</summary>
internal static class GoldenFolder
{
    public static string Nano { get; } = Path.Combine(Requirements.Root, "models", "llama4-nano");

    /// <summary>The path under the shared goldens; skips the test where they are not.</summary>
    public static string Shared(string path)
    {
        var found = Requirements.Shared("golden/" + path);
        Requirements.Need("shared", found is not null, $"the folder ../shared/golden/{path} is not on this machine");
        return found!;
    }

    public static JsonDocument Json(string path) => JsonDocument.Parse(File.ReadAllBytes(path));

    private static readonly Lazy<string> TemporaryRoot = new(() =>
    {
        var root = Directory.CreateTempSubdirectory("recs-embedder-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(root, recursive: true);
        return root;
    });

    private static int _temporaryFolders;

    /// <summary>A new folder that is deleted when the tests are over.</summary>
    public static string Temporary() => Directory.CreateDirectory(Path.Combine(TemporaryRoot.Value, $"{Interlocked.Increment(ref _temporaryFolders)}")).FullName;

    /// <summary>Hidden states and routes of a checkpoint by the names of <see cref="HiddenStateRecorder.Record"/>.</summary>
    public static Recorded Record(string checkpoint, IReadOnlyList<int[]> sequences, EmbedderOptions? options = null)
    {
        using var recorder = HiddenStateRecorder.Open(checkpoint, options ?? new EmbedderOptions { Threads = 2 });
        var path = Path.Combine(Temporary(), "hidden.safetensors");
        using (var output = File.Create(path)) recorder.Record(sequences, output);
        return new Recorded(path);
    }

    public static int[][] Ids(string path) => TokenIdFile.Read(path, int.MaxValue);
}

/// <summary>A safetensors file read back, with its raw bytes where a test needs them.</summary>
internal sealed class Recorded(string path) : IDisposable
{
    private readonly SafetensorsFile _file = SafetensorsFile.Open(path);
    private readonly Lazy<byte[]> _bytes = new(() => File.ReadAllBytes(path));

    public string Path => path;

    public IEnumerable<string> Names => _file.Tensors.Select(tensor => tensor.Name);

    public float[] Floats(string name)
    {
        var tensor = Find(name);
        var values = new float[tensor.Count];
        tensor.Widen(0, values);
        return values;
    }

    public long[] Shape(string name) => [.. Find(name).Shape];

    public int[] Integers(string name)
    {
        // The reader widens weights only, so the bytes are taken from the file by the header's own offsets.
        var bytes = _bytes.Value;
        var header = (int)BitConverter.ToInt64(bytes);
        using var json = JsonDocument.Parse(bytes.AsMemory(8, header));
        var offsets = json.RootElement.GetProperty(name).GetProperty("data_offsets");
        var data = bytes.AsSpan(8 + header)[offsets[0].GetInt32()..offsets[1].GetInt32()];
        return System.Runtime.InteropServices.MemoryMarshal.Cast<byte, int>(data).ToArray();
    }

    public void Dispose() => _file.Dispose();

    private TensorView Find(string name) => _file.Tensors.Single(tensor => tensor.Name == name);
}
