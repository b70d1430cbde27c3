using System.Text.Json;
using Recs.Domain;

namespace Recs.Embedder.Checkpoint;

/// <summary>
/// The weights of a Hugging Face folder: one <c>model.safetensors</c>, or shards named by <c>model.safetensors.index.json</c>.
/// Names are looked up without the prefixes that differ between exports (<c>language_model.</c>, <c>model.</c>).
/// </summary>
internal sealed class CheckpointFolder : IDisposable
{
    private const string SingleFile = "model.safetensors";
    private const string IndexFile = "model.safetensors.index.json";

    private readonly string _folder;
    private readonly Dictionary<string, TensorView> _byName = new(StringComparer.Ordinal);
    private readonly List<SafetensorsFile> _files = [];

    private CheckpointFolder(string folder) => _folder = folder;

    /// <summary>In ordinal order of their names.</summary>
    public IReadOnlyList<SafetensorsFile> Files => _files;

    /// <exception cref="RefusedException">A file is missing or damaged.</exception>
    public static CheckpointFolder Open(string folder)
    {
        var opened = new CheckpointFolder(folder);
        try
        {
            foreach (var path in opened.FindFiles()) opened.Add(SafetensorsFile.Open(path));
            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    public TensorView? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>All experts of a layer in one tensor, which exports name with and without <c>.weight</c>.</summary>
    public TensorView? FindFused(string name) => Find(name) ?? Find(name + ".weight");

    /// <exception cref="RefusedException">No file holds the tensor.</exception>
    public TensorView Require(string name) =>
        Find(name) ?? throw new RefusedException($"{_folder}: tensor {name} is in none of its {_files.Count} safetensors file(s); the checkpoint is incomplete or not a Llama 4 text model");

    public void Dispose()
    {
        foreach (var file in _files) file.Dispose();
    }

    /// <summary>Drops the prefixes that only say which wrapper class saved the file.</summary>
    internal static string Normalize(string name)
    {
        var rest = name.AsSpan();
        while (true)
        {
            if (rest.StartsWith("language_model.")) rest = rest["language_model.".Length..];
            else if (rest.StartsWith("model.")) rest = rest["model.".Length..];
            else return rest.ToString();
        }
    }

    private void Add(SafetensorsFile file)
    {
        _files.Add(file);
        foreach (var tensor in file.Tensors)
            if (!_byName.TryAdd(Normalize(tensor.Name), tensor))
                throw new RefusedException($"{file.Path}: tensor {tensor.Name} is stored twice (also as {_byName[Normalize(tensor.Name)].Name} in {_byName[Normalize(tensor.Name)].FilePath})");
    }

    private List<string> FindFiles()
    {
        var index = Path.Combine(_folder, IndexFile);
        if (!File.Exists(index))
        {
            var single = Path.Combine(_folder, SingleFile);
            return File.Exists(single) ? [single] : throw new RefusedException($"{_folder}: neither {SingleFile} nor {IndexFile} is there");
        }
        using var document = JsonFile.Read(index);
        if (document.RootElement.ValueKind != JsonValueKind.Object
            || !document.RootElement.TryGetProperty("weight_map", out var map) || map.ValueKind != JsonValueKind.Object)
            throw new RefusedException($"{index}: field weight_map is missing; expected an object of tensor name → file name");
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var entry in map.EnumerateObject())
        {
            var name = entry.Value.ValueKind == JsonValueKind.String ? entry.Value.GetString()! : "";
            if (name.Length == 0 || Path.GetFileName(name) != name)
                throw new RefusedException($"{index}: weight_map entry {entry.Name} is {entry.Value}; expected the name of a file in the same folder");
            names.Add(name);
        }
        foreach (var name in names)
            if (!File.Exists(Path.Combine(_folder, name))) throw new RefusedException($"{index}: shard {name} is not in the folder; download it again");
        return [.. names.Select(name => Path.Combine(_folder, name))];
    }
}
