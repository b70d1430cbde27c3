using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Recs.Domain;

namespace Recs.Pipelines.Bench.Recipes;

/// <summary>
/// Writes a checkpoint of random bf16 weights, the same bytes on every machine. It is made under another name and renamed when it is whole;
/// a folder that holds it already is left as it is.
/// </summary>
internal sealed class RecipeCheckpoint
{
    /// <summary>Bytes of tensors in a file, at most, unless one tensor has more.</summary>
    public const long DefaultShardBytes = 256L << 20;

    /// <summary>Numbers that one thread makes and writes at a time: 2 MB.</summary>
    private const int Block = 1 << 20;

    private const string ConfigFile = "config.json";
    private const string IndexFile = "model.safetensors.index.json";

    private readonly string _config;
    private readonly IReadOnlyList<RecipeShard> _shards;

    public RecipeCheckpoint(RecipePreset preset, long shardBytes = DefaultShardBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(shardBytes);
        _config = preset.Config();
        _shards = RecipeShard.Split(preset.Tensors(), shardBytes);
    }

    /// <summary>Bytes of all safetensors files.</summary>
    public long Bytes => _shards.Sum(shard => shard.Length);

    /// <summary>Whether <paramref name="folder"/> holds the checkpoint: config and index to the byte, and files of the right length.</summary>
    public bool IsIn(string folder) =>
        HasText(Path.Combine(folder, ConfigFile), _config) && HasText(Path.Combine(folder, IndexFile), Index())
        && _shards.Select((shard, i) => new FileInfo(Path.Combine(folder, RecipeShard.NameOf(i, _shards.Count))) is { Exists: true } file && file.Length == shard.Length).All(whole => whole);

    /// <summary>Makes the checkpoint, unless it is there.</summary>
    /// <param name="folder">Its folder; made with its parents.</param>
    /// <param name="cancel">Asked before each block.</param>
    /// <exception cref="RefusedException">The folder holds something else, or cannot be written.</exception>
    public void Write(string folder, CancellationToken cancel = default)
    {
        folder = Path.GetFullPath(folder);
        if (IsIn(folder)) return;
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new RefusedException($"{folder}: is there but does not hold this recipe whole; delete it, or name another --work folder");
        var partial = $"{folder}.partial-{Environment.ProcessId}";
        try
        {
            Directory.CreateDirectory(partial);
            for (var i = 0; i < _shards.Count; i++) WriteShard(Path.Combine(partial, RecipeShard.NameOf(i, _shards.Count)), _shards[i], cancel);
            File.WriteAllText(Path.Combine(partial, IndexFile), Index());
            File.WriteAllText(Path.Combine(partial, ConfigFile), _config);
            if (Directory.Exists(folder)) Directory.Delete(folder);
            Directory.Move(partial, folder);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            // Another process may have been first with the same bytes.
            if (!IsIn(folder)) throw new RefusedException($"{folder}: cannot be written ({failed.Message})", failed);
        }
        finally
        {
            if (Directory.Exists(partial)) Directory.Delete(partial, recursive: true);
        }
    }

    private static void WriteShard(string path, RecipeShard shard, CancellationToken cancel)
    {
        using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.None, shard.Length);
        RandomAccess.Write(file, shard.Prologue, 0);
        List<(RecipeTensor Tensor, long First, long Offset)> blocks = [];
        long offset = shard.Prologue.Length;
        foreach (var tensor in shard.Tensors)
        {
            for (var first = 0L; first < tensor.Count; first += Block) blocks.Add((tensor, first, offset + first * sizeof(ushort)));
            offset += tensor.Bytes;
        }
        Parallel.ForEach(blocks, new ParallelOptions { CancellationToken = cancel }, () => new ushort[Block], (block, _, buffer) =>
        {
            WriteBlock(file, block.Tensor, block.First, block.Offset, buffer);
            return buffer;
        }, _ => { });
    }

    private static void WriteBlock(SafeFileHandle file, RecipeTensor tensor, long first, long offset, ushort[] buffer)
    {
        var numbers = buffer.AsSpan(0, (int)Math.Min(Block, tensor.Count - first));
        RecipeNumbers.Fill(tensor, first, numbers);
        RandomAccess.Write(file, MemoryMarshal.AsBytes(numbers), offset);
    }

    private string Index()
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteStartObject("metadata");
            json.WriteNumber("total_size", _shards.Sum(shard => shard.Length - shard.Prologue.Length));
            json.WriteEndObject();
            json.WriteStartObject("weight_map");
            for (var i = 0; i < _shards.Count; i++)
                foreach (var tensor in _shards[i].Tensors) json.WriteString(tensor.Name, RecipeShard.NameOf(i, _shards.Count));
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    private static bool HasText(string path, string text) => File.Exists(path) && File.ReadAllText(path) == text;
}
