using System.Collections.Concurrent;
using System.Text;
using Recs.Domain;

namespace Recs.Embedder.Tokenizer;

/// <summary>
/// Text → token ids, as Llama 4 models are trained on: byte-level BPE within o200k pieces. Special tokens written out in a text are
/// ordinary text, so that nobody's title can end a prompt. Lone surrogates count as U+FFFD. Thread-safe.
/// </summary>
public sealed class ByteLevelTokenizer
{
    private readonly TokenizerModel _model;
    private readonly ConcurrentBag<Workspace> _idle = [];

    private ByteLevelTokenizer(TokenizerModel model, string path) => (_model, Path) = (model, path);

    /// <summary>The file that was read.</summary>
    public string Path { get; }

    /// <summary>Special ids that <see cref="Encode"/> puts before each text (begin of text).</summary>
    public ReadOnlySpan<int> Prefix => _model.Prefix;

    /// <summary>Special ids that <see cref="Encode"/> puts after each text; none for Llama 4.</summary>
    public ReadOnlySpan<int> Suffix => _model.Suffix;

    /// <summary>Reads <c>tokenizer.json</c>, or where there is none Meta's <c>tokenizer.model</c>.</summary>
    /// <param name="folder">The model folder.</param>
    /// <exception cref="RefusedException">Neither file is there, or it is damaged or of another kind.</exception>
    public static ByteLevelTokenizer Load(string folder)
    {
        if (!Directory.Exists(folder)) throw new RefusedException($"{folder}: no such model folder");
        var json = System.IO.Path.Combine(folder, "tokenizer.json");
        if (File.Exists(json)) return new ByteLevelTokenizer(TokenizerJson.Read(json), json);
        var ranks = System.IO.Path.Combine(folder, "tokenizer.model");
        if (File.Exists(ranks)) return new ByteLevelTokenizer(TiktokenFile.Read(ranks), ranks);
        throw new RefusedException($"{folder}: neither tokenizer.json nor tokenizer.model is there");
    }

    /// <summary>The ids of <paramref name="text"/> between <see cref="Prefix"/> and <see cref="Suffix"/>.</summary>
    /// <param name="text">Any text; empty gives the special ids alone.</param>
    public int[] Encode(string text) => [.. _model.Prefix, .. EncodeContent(text), .. _model.Suffix];

    /// <summary>The ids of <paramref name="text"/> alone, without special ids.</summary>
    /// <param name="text">Any text; empty gives no ids.</param>
    public int[] EncodeContent(string text)
    {
        if (!_idle.TryTake(out var workspace)) workspace = new Workspace(_model);
        var ids = workspace.Encode(text);
        _idle.Add(workspace);
        return ids;
    }

    /// <summary>The buffers of one call.</summary>
    private sealed class Workspace(TokenizerModel model)
    {
        private readonly O200kSplitter _splitter = new();
        private readonly BytePairEncoder _encoder = new(model.Vocabulary, model.Merges);
        private readonly List<int> _ids = [];

        public int[] Encode(string text)
        {
            _ids.Clear();
            var utf8 = Encoding.UTF8.GetBytes(text);
            var bytes = Encoding.Latin1.GetString(utf8);
            _splitter.Split(utf8, range =>
            {
                var piece = bytes.AsSpan(range);
                if (model.WholePiecesFirst && model.Vocabulary.TryFind(piece, out var id)) _ids.Add(id);
                else _encoder.Encode(piece, _ids);
            });
            return [.. _ids];
        }
    }
}
