using System.Text.Json;
using Recs.Domain;
using Recs.Embedder.Checkpoint;

namespace Recs.Embedder.Tokenizer;

/// <summary>
/// Reads a Hugging Face tokenizer.json of the Llama 4 kind: o200k split, byte-level alphabet, BPE, template post-processor.
/// Anything that would tokenise differently from what is done here is refused.
/// </summary>
internal static class TokenizerJson
{
    /// <exception cref="RefusedException">The file is damaged or of another kind.</exception>
    public static TokenizerModel Read(string path)
    {
        using var document = JsonFile.Read(path);
        var root = new JsonFields(document.RootElement, path);
        if (!root.IsObject) throw new RefusedException($"{path}: not a JSON object");
        if (root.Object("normalizer") is { } normalizer) throw root.Refuse("normalizer", normalizer.Text("type") ?? "present", "null");
        CheckSplit(root);
        var model = root.Object("model") ?? throw root.Missing("model");
        if (model.Text("type") is var type and not "BPE") throw model.Refuse("model.type", type ?? "missing", "BPE");
        if (!string.IsNullOrEmpty(model.Text("continuing_subword_prefix"))) throw model.Refuse("model.continuing_subword_prefix", model.Text("continuing_subword_prefix")!, "null");
        var vocabulary = ReadVocabulary(model);
        var (prefix, suffix) = TokenizerTemplate.Read(root);
        return new TokenizerModel(vocabulary, ReadMerges(model, vocabulary), model.Flag("ignore_merges") ?? false, prefix, suffix);
    }

    private static void CheckSplit(JsonFields root)
    {
        var found = root.Object("pre_tokenizer") is { } splitter ? Flatten(splitter) : [];
        var split = found.FirstOrDefault(step => step.Text("type") == "Split");
        if (found.Length != 2 || found[0].Text("type") != "Split" || found[1].Text("type") != "ByteLevel")
            throw root.Refuse("pre_tokenizer", string.Join(" + ", found.Select(step => step.Text("type"))), "Split + ByteLevel");
        var pattern = split.Object("pattern")?.Text("Regex") ?? "no regular expression";
        if (pattern != O200kSplitter.Pattern) throw root.Refuse("pre_tokenizer.pattern", pattern, "the o200k pattern");
        if (split.Text("behavior") is not "Isolated" || split.Flag("invert") is true) throw root.Refuse("pre_tokenizer.behavior", $"{split.Text("behavior")}", "Isolated, not inverted");
        if (found[1].Flag("add_prefix_space") is not false || found[1].Flag("use_regex") is not false)
            throw root.Refuse("pre_tokenizer.ByteLevel", "with add_prefix_space or use_regex", "both false");
    }

    private static JsonFields[] Flatten(JsonFields step)
    {
        if (step.Text("type") != "Sequence") return [step];
        return step.Objects("pretokenizers");
    }

    private static Vocabulary ReadVocabulary(JsonFields model)
    {
        if (model.Find("vocab") is not { ValueKind: JsonValueKind.Object } entries) throw model.Missing("model.vocab");
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var entry in entries.EnumerateObject())
        {
            if (entry.Value.ValueKind != JsonValueKind.Number || !entry.Value.TryGetInt32(out var id) || id < 0)
                throw model.Refuse($"model.vocab[\"{entry.Name}\"]", entry.Value.ToString(), "a token id of at least 0");
            // A token outside the byte alphabet (a special one listed here too) can come of no text.
            if (ByteAlphabet.TryDecode(entry.Name, out var bytes)) ids[bytes] = id;
        }
        return new Vocabulary(ids, model.Path);
    }

    private static PairMerges ReadMerges(JsonFields model, Vocabulary vocabulary)
    {
        if (model.Find("merges") is not { ValueKind: JsonValueKind.Array } list) throw model.Missing("model.merges");
        var pairs = new Dictionary<(int, int), (int, int)>();
        var rank = 0;
        foreach (var item in list.EnumerateArray())
        {
            var (left, right) = ReadPair(item) ?? throw model.Refuse($"model.merges[{rank}]", item.ToString(), "a pair of tokens");
            if (!ByteAlphabet.TryDecode(left, out var leftBytes) || !vocabulary.TryFind(leftBytes, out var leftId)
                || !ByteAlphabet.TryDecode(right, out var rightBytes) || !vocabulary.TryFind(rightBytes, out var rightId)
                || !vocabulary.TryFind(leftBytes + rightBytes, out var merged))
                throw model.Refuse($"model.merges[{rank}]", $"{left} {right}", "two tokens of the vocab that join to a third");
            pairs.TryAdd((leftId, rightId), (rank++, merged));
        }
        return new PairMerges(pairs);
    }

    /// <summary>["a", "b"], or "a b" in older files.</summary>
    private static (string Left, string Right)? ReadPair(JsonElement item)
    {
        string[] parts = item.ValueKind switch
        {
            JsonValueKind.String => item.GetString()!.Split(' '),
            JsonValueKind.Array => [.. item.EnumerateArray().Select(part => part.ValueKind == JsonValueKind.String ? part.GetString()! : "")],
            _ => [],
        };
        return parts.Length == 2 && parts.All(part => part.Length > 0) ? (parts[0], parts[1]) : null;
    }
}
