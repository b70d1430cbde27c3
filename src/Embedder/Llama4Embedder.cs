using Recs.Domain;
using Recs.Embedder.Batching;
using Recs.Embedder.Checkpoint;
using Recs.Embedder.Compute;
using Recs.Embedder.Model;
using Recs.Embedder.Recipe;
using Recs.Embedder.Threading;
using Recs.Embedder.Tokenizer;

namespace Recs.Embedder;

/// <summary>
/// Text → vector with a Llama 4 text model. The vector of a text is the same to the bit whatever else is embedded with it and on
/// however many threads. Thread-safe.
/// </summary>
public sealed class Llama4Embedder : IDisposable
{
    /// <summary>Texts tokenised at a time.</summary>
    private const int TextsAhead = 4096;

    private readonly CheckpointFolder _checkpoint;
    private readonly ByteLevelTokenizer _tokenizer;
    private readonly EmbeddingRecipe _recipe;
    private readonly Llama4Model _model;
    private readonly IEmbeddingRunner _runner;
    private readonly int _threads;
    private readonly int _batchTokens;

    private Llama4Embedder(CheckpointFolder checkpoint, ByteLevelTokenizer tokenizer, EmbeddingRecipe recipe, Llama4Model model, ResidencyPlan plan, int threads, string version)
    {
        (_checkpoint, _tokenizer, _recipe, _model, _threads, _batchTokens) = (checkpoint, tokenizer, recipe, model, threads, EmbeddingBatches.TokenBudget(model.Config));
        Version = version;
        IsStreaming = !plan.IsResident;
        var readout = new Readout(model, recipe, new PooledRange(tokenizer.Prefix.Length, tokenizer.Suffix.Length));
        Dimensions = readout.Dimensions;
        var team = new WorkerTeam(threads);
        _runner = plan.IsResident
            ? new ResidentRunner(model, readout, team, sharers => new CpuCompute(sharers, recipe.Precision))
            : new StreamingRunner(model, readout, team, sharers => new CpuCompute(sharers, recipe.Precision), plan.TokensInFlight);
    }

    /// <summary>16 hex digits over weights, config, tokenizer, template, layer, pooling, limits and precision. Vectors of different versions must not be compared.</summary>
    public string Version { get; }

    /// <summary>Numbers a vector.</summary>
    public int Dimensions { get; }

    /// <summary>Whether the weights pass through memory layer by layer, see <see cref="Residency.Stream"/>.</summary>
    public bool IsStreaming { get; }

    /// <summary>How an item's fields become the text to embed; part of <see cref="Version"/>.</summary>
    public EmbeddingTemplate Template => _recipe.Template;

    /// <summary>Reads a model folder: config.json, safetensors, tokenizer, and the sentence-transformers layout where it has it.</summary>
    /// <param name="folder">A Hugging Face checkpoint folder.</param>
    /// <param name="options">What may vary; null means all defaults.</param>
    /// <exception cref="RefusedException">A file is missing, damaged or of another model, or an option is out of range.</exception>
    public static Llama4Embedder Load(string folder, EmbedderOptions? options = null)
    {
        options ??= new EmbedderOptions();
        if (options.MemoryBytes is < 1) throw new RefusedException($"memory of {options.MemoryBytes} bytes is out of range: at least 1");
        if (!Enum.IsDefined(options.Residency)) throw new RefusedException($"residency {options.Residency} is unknown: auto, full or stream");
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
            var hashes = Task.Run(() => checkpoint.Files.AsParallel().AsOrdered().WithDegreeOfParallelism(Math.Min(threads, 64)).Select(EmbeddingVersion.HashOf).ToArray());
            try
            {
                var recipe = EmbeddingRecipe.Of(options, layout, config);
                var loader = new PartLoader(config, checkpoint, new CpuCompute(new WorkerTeam(1)));
                loader.RequireAll();
                var plan = ResidencyPlan.Of(options.Residency, options.MemoryBytes ?? AvailableMemory.Bytes(), loader, EmbeddingBatches.TokenBudget(config), threads);
                var model = Llama4Model.Load(loader, plan, threads);
                var read = tokenizer.GetAwaiter().GetResult();
                var version = EmbeddingVersion.Of(hashes.GetAwaiter().GetResult(), JsonFile.ReadBytes(Path.Combine(folder, "config.json")), JsonFile.ReadBytes(read.Path), recipe);
                return new Llama4Embedder(checkpoint, read, recipe, model, plan, threads, version);
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
    /// <param name="progress">Told the number of texts done, from any thread; where weights pass through, texts in flight count by the layers done.</param>
    /// <param name="cancel">Stops between parts of a layer.</param>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was asked.</exception>
    public TextEmbedding[] Embed(IReadOnlyList<string> texts, IProgress<int>? progress = null, CancellationToken cancel = default)
    {
        var embeddings = new TextEmbedding[texts.Count];
        List<int[]> ids = [];
        var (first, tokens) = (0, 0L);
        for (var next = 0; next < texts.Count;)
        {
            var made = Tokenize(texts, next, Math.Min(TextsAhead, texts.Count - next), cancel);
            foreach (var sequence in made)
            {
                // What is tokenised is run as soon as the runner has its fill.
                if (tokens > 0 && tokens + sequence.Length > _runner.TokensAtATime) RunThrough();
                ids.Add(sequence);
                tokens += sequence.Length;
            }
            next += made.Length;
        }
        RunThrough();
        return embeddings;

        void RunThrough()
        {
            RunIds(ids, embeddings.AsMemory(first, ids.Count), first, progress, cancel);
            first += ids.Count;
            (ids, tokens) = ([], 0);
        }
    }

    /// <summary>The embedding of one text.</summary>
    /// <param name="text">A rendered text.</param>
    public TextEmbedding Embed(string text) => Embed([text])[0];

    /// <summary>Frees the weights and closes the checkpoint. No call may be running or follow.</summary>
    public void Dispose()
    {
        _runner.Dispose();
        _model.Dispose();
        _checkpoint.Dispose();
    }

    private void RunIds(List<int[]> ids, Memory<TextEmbedding> embeddings, int doneBefore, IProgress<int>? progress, CancellationToken cancel)
    {
        var done = doneBefore;
        for (var i = 0; i < ids.Count; i++)
        {
            if (ids[i].Length > 0) continue;
            embeddings.Span[i] = new TextEmbedding(new float[Dimensions], RouterSignature.None);
            done++;
        }
        if (done > doneBefore) progress?.Report(done);
        var plan = EmbeddingBatches.Plan(ids, _batchTokens, _threads);
        var batches = plan.ConvertAll(batch => Array.ConvertAll(batch, i => ids[i]));
        var due = doneBefore + ids.Count - done;
        var before = done;
        _runner.Run(batches, Done, progress is null ? null : share => progress.Report(before + (int)(due * share)), cancel);

        void Done(int batch, TextEmbedding[] made)
        {
            for (var b = 0; b < made.Length; b++) embeddings.Span[plan[batch][b]] = made[b];
            var total = Interlocked.Add(ref done, made.Length);
            progress?.Report(total);
        }
    }

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
}
