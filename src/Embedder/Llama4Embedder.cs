using System.Collections.Concurrent;
using Recs.Domain;
using Recs.Embedder.Batching;
using Recs.Embedder.Checkpoint;
using Recs.Embedder.Compute;
using Recs.Embedder.Model;
using Recs.Embedder.Recipe;
using Recs.Embedder.Tokenizer;

namespace Recs.Embedder;

/// <summary>
/// Text → vector with a Llama 4 text model. The vector of a text is the same to the bit whatever else is embedded with it and on
/// however many threads. Thread-safe.
/// </summary>
public sealed class Llama4Embedder : IDisposable
{
    /// <summary>Tokens a batch aims at: enough rows to use each weight often while it is in the cache.</summary>
    private const int BatchTokens = 384;

    /// <summary>Texts tokenised ahead of the computation.</summary>
    private const int TextsAhead = 4096;

    private readonly CheckpointFolder _checkpoint;
    private readonly ByteLevelTokenizer _tokenizer;
    private readonly EmbeddingRecipe _recipe;
    private readonly Func<int, EmbeddingLane> _newLane;
    private readonly ConcurrentBag<EmbeddingLane> _idleLanes = [];
    private readonly ConcurrentBag<EmbeddingLane> _idleWideLanes = [];
    private readonly int _threads;

    private Llama4Embedder(CheckpointFolder checkpoint, ByteLevelTokenizer tokenizer, EmbeddingRecipe recipe, Llama4Model model, ICompute compute, int threads, string version)
    {
        (_checkpoint, _tokenizer, _recipe, _threads) = (checkpoint, tokenizer, recipe, threads);
        Version = version;
        Dimensions = model.Config.HiddenSize;
        var range = new PooledRange(tokenizer.Prefix.Length, tokenizer.Suffix.Length);
        _newLane = laneThreads => new EmbeddingLane(model, compute.Sibling(laneThreads), recipe, range);
    }

    /// <summary>16 hex digits over weights, config, tokenizer, template, layer, pooling, limits and precision. Vectors of different versions must not be compared.</summary>
    public string Version { get; }

    /// <summary>Numbers a vector.</summary>
    public int Dimensions { get; }

    /// <summary>How an item's fields become the text to embed; part of <see cref="Version"/>.</summary>
    public EmbeddingTemplate Template => _recipe.Template;

    /// <summary>Reads a model folder: config.json, safetensors, tokenizer, and the sentence-transformers layout where it has it.</summary>
    /// <param name="folder">A Hugging Face checkpoint folder.</param>
    /// <param name="options">What may vary; null means all defaults.</param>
    /// <exception cref="RefusedException">A file is missing, damaged or of another model, or an option is out of range.</exception>
    public static Llama4Embedder Load(string folder, EmbedderOptions? options = null)
    {
        options ??= new EmbedderOptions();
        if (options.Threads is < 0 or > 1024) throw new RefusedException($"threads {options.Threads} is out of range: 0 (one a core) to 1024");
        if (!Directory.Exists(folder)) throw new RefusedException($"{folder}: no such model folder");
        var threads = options.Threads == 0 ? Environment.ProcessorCount : options.Threads;
        var config = Llama4ConfigFile.Read(folder);
        var layout = SentenceTransformersFolder.Read(folder);
        var checkpoint = CheckpointFolder.Open(folder);
        try
        {
            // The tokenizer and the weights' hash do not wait for the weights, nor for each other.
            var tokenizer = Task.Run(() => ByteLevelTokenizer.Load(folder));
            var hashes = Task.Run(() => checkpoint.Files.Select(EmbeddingVersion.HashOf).ToArray());
            try
            {
                var compute = new CpuCompute(threads);
                var model = new Llama4Loader(config, checkpoint, compute).Load();
                var recipe = EmbeddingRecipe.Of(options, layout, model);
                var read = tokenizer.GetAwaiter().GetResult();
                var version = EmbeddingVersion.Of(hashes.GetAwaiter().GetResult(), JsonFile.ReadBytes(Path.Combine(folder, "config.json")), JsonFile.ReadBytes(read.Path), recipe);
                return new Llama4Embedder(checkpoint, read, recipe, model, compute, threads, version);
            }
            finally
            {
                // The mapping must outlive the hashing, however loading ends.
                Task.WhenAll(tokenizer, hashes).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
            }
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    /// <summary>One embedding a text, in order.</summary>
    /// <param name="texts">Rendered texts. A text without tokens (empty) gets a vector of zeros.</param>
    /// <param name="progress">Told the number of texts done, from any thread.</param>
    /// <param name="cancel">Stops between layers.</param>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was asked.</exception>
    public TextEmbedding[] Embed(IReadOnlyList<string> texts, IProgress<int>? progress = null, CancellationToken cancel = default)
    {
        var embeddings = new TextEmbedding[texts.Count];
        var done = 0;
        for (var first = 0; first < texts.Count; first += TextsAhead)
        {
            var ids = Tokenize(texts, first, Math.Min(TextsAhead, texts.Count - first), cancel);
            foreach (var empty in Enumerable.Range(0, ids.Length).Where(i => ids[i].Length == 0)) embeddings[first + empty] = new TextEmbedding(new float[Dimensions], RouterSignature.None);
            Interlocked.Add(ref done, ids.Count(sequence => sequence.Length == 0));
            var batches = EmbeddingBatches.Plan(ids, BatchTokens, _threads);
            var lanes = batches.Count > 1 ? _idleLanes : _idleWideLanes;
            var options = new ParallelOptions { MaxDegreeOfParallelism = _threads, CancellationToken = cancel };
            Parallel.ForEach(Partitioner.Create(batches, EnumerablePartitionerOptions.NoBuffering), options, batch =>
            {
                if (!lanes.TryTake(out var lane)) lane = _newLane(batches.Count > 1 ? 1 : _threads);
                RunBatch(lane, ids, batch, embeddings, first, cancel);
                lanes.Add(lane);
                progress?.Report(Interlocked.Add(ref done, batch.Length));
            });
        }
        return embeddings;
    }

    /// <summary>The embedding of one text.</summary>
    /// <param name="text">A rendered text.</param>
    public TextEmbedding Embed(string text) => Embed([text])[0];

    /// <summary>Unmaps the checkpoint. No call may be running or follow.</summary>
    public void Dispose() => _checkpoint.Dispose();

    /// <summary>Ids with special tokens, cut to the limit; none for a text without tokens.</summary>
    private int[][] Tokenize(IReadOnlyList<string> texts, int first, int count, CancellationToken cancel)
    {
        var room = _recipe.MaxTokens - _tokenizer.Prefix.Length - _tokenizer.Suffix.Length;
        if (room < 1) throw new RefusedException($"max tokens {_recipe.MaxTokens} leaves no room beside the special tokens");
        var ids = new int[count][];
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = _threads, CancellationToken = cancel }, i =>
        {
            var text = texts[first + i];
            var content = _tokenizer.EncodeContent(_recipe.FolderLowerCase ? text.ToLowerInvariant() : text);
            ids[i] = content.Length == 0 ? [] : [.. _tokenizer.Prefix, .. content.AsSpan(0, Math.Min(room, content.Length)), .. _tokenizer.Suffix];
        });
        return ids;
    }

    private static void RunBatch(EmbeddingLane lane, int[][] ids, int[] batch, TextEmbedding[] embeddings, int first, CancellationToken cancel)
    {
        var made = lane.Embed([.. batch.Select(i => ids[i])], cancel);
        for (var b = 0; b < batch.Length; b++) embeddings[first + batch[b]] = made[b];
    }
}
