using Recs.Domain;
using Recs.Embedder;
using Recs.Pipelines.Bench.Recipes;
using Recs.Pipelines.CommandLine;

namespace Recs.Pipelines.Bench;

/// <summary>Brings up the models of a benchmark: checkpoints of recipes are made in a work folder, which is deleted afterwards unless the person named it.</summary>
internal sealed class EmbedBenchModels : IDisposable
{
    /// <summary>Left free on the disk beside a checkpoint.</summary>
    private const long DiskReserve = 256L << 20;

    /// <summary>Beside the weights: activations of some threads, and the process.</summary>
    private const long MemoryReserve = 1L << 30;

    private readonly string? _named;
    private DirectoryInfo? _temporary;

    /// <param name="work">Where checkpoints of recipes are kept; null: a temporary folder.</param>
    public EmbedBenchModels(string? work) => _named = work;

    /// <summary>The folder of a recipe's checkpoint, made if need be, with a tokenizer.</summary>
    /// <exception cref="RefusedException">It cannot be written.</exception>
    public string Make(RecipePreset preset, CancellationToken cancel)
    {
        var folder = FolderOf(preset);
        new RecipeCheckpoint(preset).Write(folder, cancel);
        new RecipeVocabulary(preset.Vocabulary).Write(folder);
        return folder;
    }

    /// <summary>Why a recipe cannot be measured here, or null.</summary>
    public string? WhyNot(RecipePreset preset)
    {
        var checkpoint = new RecipeCheckpoint(preset);
        var folder = FolderOf(preset);
        if (!checkpoint.IsIn(folder))
        {
            var root = Path.GetPathRoot(Path.GetFullPath(folder)) ?? folder;
            var free = new DriveInfo(Directory.Exists(Path.GetDirectoryName(folder)) ? Path.GetDirectoryName(folder)! : root).AvailableFreeSpace;
            if (free < checkpoint.Bytes + DiskReserve) return $"recipe {preset.Name}: needs {ByteSize.Text(checkpoint.Bytes + DiskReserve)} of disk, {folder} has {ByteSize.Text(free)}";
        }
        var needed = checkpoint.Bytes + MemoryReserve;
        var available = AvailableMemory.Bytes();
        return available < needed ? $"recipe {preset.Name}: needs {ByteSize.Text(needed)} of memory, {ByteSize.Text(available)} are free" : null;
    }

    public void Dispose() => _temporary?.Delete(recursive: true);

    private string FolderOf(RecipePreset preset) => Path.Combine(_named ?? (_temporary ??= Directory.CreateTempSubdirectory("recs-bench-")).FullName, "recipe-" + preset.Name);
}
