using Recs.Domain;
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
    private readonly TokenEmbedder _tokens;
    private readonly ByteLevelTokenizer _tokenizer;
    private readonly EmbeddingRecipe _recipe;

    private Llama4Embedder(TokenEmbedder tokens, ByteLevelTokenizer tokenizer, EmbeddingRecipe recipe, string version) =>
        (_tokens, _tokenizer, _recipe, Version) = (tokens, tokenizer, recipe, version);

    /// <summary>16 hex digits over weights, config, tokenizer, template, layer, pooling, limits and precision. Vectors of different versions must not be compared.</summary>
    public string Version { get; }

    /// <summary>Numbers a vector.</summary>
    public int Dimensions => _tokens.Dimensions;

    /// <summary>Whether the weights pass through memory part by part, see <see cref="Residency.Stream"/>.</summary>
    public bool IsStreaming => _tokens.IsStreaming;

    /// <summary>How an item's fields become the text to embed; part of <see cref="Version"/>.</summary>
    public EmbeddingTemplate Template => _recipe.Template;

    /// <summary>Reads a model folder: config.json, safetensors, tokenizer, and the sentence-transformers layout where it has it.</summary>
    /// <param name="folder">A Hugging Face checkpoint folder.</param>
    /// <param name="options">What may vary; null means all defaults.</param>
    /// <exception cref="RefusedException">A file is missing, damaged or of another model, or an option is out of range.</exception>
    public static Llama4Embedder Load(string folder, EmbedderOptions? options = null)
    {
        options ??= new EmbedderOptions();
        // The tokenizer and the weights' hash wait neither for the weights nor for each other.
        EmbeddingRecipe? recipe = null;
        Task<ByteLevelTokenizer>? tokenizer = null;
        Task<string[]>? hashes = null;
        OpenModel? open = null;
        try
        {
            open = OpenModel.Open(folder, options, beforeLoading: (config, checkpoint) =>
            {
                recipe = EmbeddingRecipe.Of(options, SentenceTransformersFolder.Read(folder), config);
                tokenizer = Task.Run(() => ByteLevelTokenizer.Load(folder));
                hashes = Task.Run(() => checkpoint.Files.AsParallel().AsOrdered().WithDegreeOfParallelism(16).Select(EmbeddingVersion.HashOf).ToArray());
            });
            var read = tokenizer!.GetAwaiter().GetResult();
            var version = EmbeddingVersion.Of(hashes!.GetAwaiter().GetResult(), JsonFile.ReadBytes(Path.Combine(folder, "config.json")), JsonFile.ReadBytes(read.Path), recipe!, open.Backend.WideNumbers);
            return new Llama4Embedder(new TokenEmbedder(open, recipe!, new PooledRange(read.Prefix.Length, read.Suffix.Length)), read, recipe!, version);
        }
        catch
        {
            // The files must outlive the hashing, however loading ends.
            ((Task?)hashes)?.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
            open?.Dispose();
            throw;
        }
    }

    /// <summary>One embedding a text, in order.</summary>
    /// <param name="texts">Rendered texts. A text without tokens (empty) gets a vector of zeros.</param>
    /// <param name="progress">Told the number of texts done, from any thread; where weights pass through, texts in flight count by the layers done.</param>
    /// <param name="cancel">Stops between parts of a layer.</param>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was asked.</exception>
    public TextEmbedding[] Embed(IReadOnlyList<string> texts, IProgress<int>? progress = null, CancellationToken cancel = default) =>
        _tokens.Embed(Tokenize(texts, cancel), progress, cancel);

    /// <summary>One embedding a text, in order, and the tokens that went into them, special ones counted.</summary>
    internal (TextEmbedding[] Embeddings, long Tokens) EmbedCounted(IReadOnlyList<string> texts, CancellationToken cancel)
    {
        var ids = Tokenize(texts, cancel);
        return (_tokens.Embed(ids, progress: null, cancel), ids.Sum(sequence => (long)sequence.Length));
    }

    /// <summary>The embedding of one text.</summary>
    /// <param name="text">A rendered text.</param>
    public TextEmbedding Embed(string text) => Embed([text])[0];

    /// <summary>Tokens of a text that are used, special ones counted; 0 for an empty text.</summary>
    /// <param name="text">A rendered text.</param>
    public int CountTokens(string text) => TokenIds(text).Length;

    /// <summary>Frees the weights and closes the checkpoint. No call may be running or follow.</summary>
    public void Dispose() => _tokens.Dispose();

    private int[][] Tokenize(IReadOnlyList<string> texts, CancellationToken cancel)
    {
        var ids = new int[texts.Count][];
        Parallel.For(0, ids.Length, new ParallelOptions { MaxDegreeOfParallelism = _tokens.Threads, CancellationToken = cancel }, i => ids[i] = TokenIds(texts[i]));
        return ids;
    }

    /// <summary>Ids with special tokens, cut to the limit; none for a text without tokens.</summary>
    private int[] TokenIds(string text)
    {
        var room = _recipe.MaxTokens - _tokenizer.Prefix.Length - _tokenizer.Suffix.Length;
        if (room < 1) throw new RefusedException($"max tokens {_recipe.MaxTokens} leaves no room beside the special tokens");
        var content = _tokenizer.EncodeContent(_recipe.FolderLowerCase ? text.ToLowerInvariant() : text);
        return content.Length == 0 ? [] : [.. _tokenizer.Prefix, .. content.AsSpan(0, Math.Min(room, content.Length)), .. _tokenizer.Suffix];
    }
}
