// Invariant: a block's file is under its final name only when it is whole, and its name holds the hash of its texts; the manifest names
// everything else that its numbers depend on. So whatever ended an earlier run, each block that is found here is the one that would be made.
// The result appears under its own name by one rename, and only then are the blocks removed.
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Recs.Domain;

namespace Recs.Pipelines.Embed.Files;

/// <summary>
/// A vector file in the making: a folder <c>FILE.partial</c> beside it that keeps the finished blocks, so that a run that is killed goes on where it
/// was. One process at a time, held by a lock that ends with the process.
/// </summary>
internal sealed class UnfinishedVectors : IDisposable
{
    private readonly string _path;
    private readonly string _folder;
    private readonly VectorFile _format;
    private readonly VectorSchema _schema;
    private readonly FileStream _lock;
    private readonly List<string> _parts = [];

    /// <param name="output">The file to be.</param>
    /// <param name="format">How it is written.</param>
    /// <param name="schema">What all its vectors have in common.</param>
    /// <param name="blockTexts">Texts of a block at most: another number cuts other blocks.</param>
    /// <param name="say">Told when something of an earlier run is discarded.</param>
    /// <exception cref="RefusedException">The place cannot be written, or another process is writing this file.</exception>
    public UnfinishedVectors(FileInfo output, VectorFile format, VectorSchema schema, int blockTexts, Action<string> say)
    {
        (_path, _folder, _format, _schema) = (output.FullName, FolderOf(output), format, schema);
        if (Directory.Exists(_path)) throw new RefusedException($"{_path}: is a folder; name a file");
        if (File.Exists(_folder)) throw new RefusedException($"{_folder}: is a file; unfinished vectors are kept in a folder of that name, move it away");
        try
        {
            Directory.CreateDirectory(_folder);
            _lock = Lock();
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new RefusedException($"{_path}: cannot be written ({failed.Message})", failed);
        }
        try
        {
            Begin(new EmbedManifest(EmbedManifest.Current, schema.Version, schema.Template, schema.Dimensions, blockTexts), say);
        }
        catch
        {
            _lock.Dispose();
            throw;
        }
    }

    /// <summary>Where the unfinished parts of <paramref name="output"/> are.</summary>
    public static string FolderOf(FileInfo output) => output.FullName + ".partial";

    /// <summary>Whether an earlier run has made this block. A damaged file is as none.</summary>
    public bool Has(TextBlock block)
    {
        var path = PathOf(block);
        try
        {
            if (!File.Exists(path) || _format.Count(path) != block.Entries.Count) return false;
        }
        catch (RefusedException)
        {
            return false;
        }
        _parts.Add(path);
        return true;
    }

    /// <summary>Keeps a block.</summary>
    public void Add(TextBlock block, IReadOnlyList<VectorRow> rows)
    {
        var path = PathOf(block);
        var unfinished = Path.Combine(_folder, "block" + _format.Extension);
        _format.Write(unfinished, _schema, rows);
        File.Move(unfinished, path, overwrite: true);
        _parts.Add(path);
    }

    /// <summary>Joins the blocks of this run, in their order, gives the file its name and removes the folder.</summary>
    public void Finish()
    {
        var whole = Path.Combine(_folder, "whole" + _format.Extension);
        _format.Join(_parts, whole, _schema);
        File.Move(whole, _path, overwrite: true);
        Remove();
    }

    /// <summary>Lets go of the folder; it stays when there is a block to go on from.</summary>
    public void Dispose()
    {
        if (!_lock.CanWrite) return;
        if (Directory.EnumerateFiles(_folder, "????????-*" + _format.Extension).Any()) _lock.Dispose();
        else Remove();
    }

    /// <summary>The lock goes last, so that nobody else begins in a folder that is being removed.</summary>
    private void Remove()
    {
        foreach (var file in Contents()) File.Delete(file);
        _lock.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private List<string> Contents() => [.. Directory.EnumerateFiles(_folder).Where(file => Path.GetFileName(file) != "lock")];

    private string PathOf(TextBlock block) => Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{block.Number:D8}-{block.Hash}{_format.Extension}"));

    private FileStream Lock()
    {
        try
        {
            return new FileStream(Path.Combine(_folder, "lock"), FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
        }
        catch (IOException busy)
        {
            throw new RefusedException($"{_folder}: another process is writing {_path}; wait for it, or name another output ({busy.Message})", busy);
        }
    }

    private void Begin(EmbedManifest manifest, Action<string> say)
    {
        var path = Path.Combine(_folder, "manifest.json");
        var known = File.Exists(path) ? EmbedManifest.Read(File.ReadAllBytes(path)) : null;
        if (known == manifest) return;
        var old = Contents();
        foreach (var file in old) File.Delete(file);
        if (old.Count > 0) say($"{_folder}: discarded what an earlier run left, made with {Difference(known, manifest)}");
        // Written last: blocks are believed only beside a manifest that is whole.
        var unfinished = path + ".new";
        File.WriteAllBytes(unfinished, manifest.ToJson());
        File.Move(unfinished, path, overwrite: true);
    }

    private static string Difference(EmbedManifest? known, EmbedManifest now) => known switch
    {
        null => "something else",
        _ when known.EmbeddingVersion != now.EmbeddingVersion => $"embedding version {known.EmbeddingVersion}, now {now.EmbeddingVersion}",
        _ when known.Template != now.Template => $"template '{known.Template}', now '{now.Template}'",
        _ => string.Create(CultureInfo.InvariantCulture, $"blocks of {known.BlockTexts} texts, now {now.BlockTexts}"),
    };
}

/// <summary>What all blocks of an unfinished file have in common.</summary>
/// <param name="Layout">Of the folder; another one is not understood.</param>
/// <param name="EmbeddingVersion">Of the vectors.</param>
/// <param name="Template">How texts were made.</param>
/// <param name="Dimensions">Numbers a vector.</param>
/// <param name="BlockTexts">Texts of a block at most.</param>
internal sealed record EmbedManifest(int Layout, string EmbeddingVersion, string Template, int Dimensions, int BlockTexts)
{
    public const int Current = 1;

    public static EmbedManifest? Read(byte[] json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, EmbedManifestJson.Default.EmbedManifest);
        }
        catch (JsonException)
        {
            return null; // as if there were none
        }
    }

    public byte[] ToJson() => Encoding.UTF8.GetBytes(JsonSerializer.Serialize(this, EmbedManifestJson.Default.EmbedManifest) + "\n");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(EmbedManifest))]
internal sealed partial class EmbedManifestJson : JsonSerializerContext;
