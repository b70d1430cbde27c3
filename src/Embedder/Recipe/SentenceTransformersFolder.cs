using Recs.Domain;
using Recs.Embedder.Checkpoint;

namespace Recs.Embedder.Recipe;

/// <summary>
/// What a folder in the sentence-transformers layout says beside the model (modules.json, 1_Pooling, 2_Dense, sentence_bert_config.json).
/// A folder without that layout is pooled by the mean and normalised.
/// </summary>
internal sealed record SentenceTransformersFolder(Pooling Pooling, DenseProjection? Projection, bool Normalize, int? MaxTokens, bool LowerCase)
{
    /// <exception cref="RefusedException">A module or pooling that is not computed here.</exception>
    public static SentenceTransformersFolder Read(string folder)
    {
        var (maxTokens, lowerCase) = ReadTransformer(Path.Combine(folder, "sentence_bert_config.json"));
        var path = Path.Combine(folder, "modules.json");
        if (!File.Exists(path)) return new SentenceTransformersFolder(Pooling.Mean, null, Normalize: true, maxTokens, lowerCase);
        using var document = JsonFile.Read(path);
        if (document.RootElement.ValueKind != System.Text.Json.JsonValueKind.Array) throw new RefusedException($"{path}: expected a JSON array of modules");
        var (pooling, normalize, projection) = (Pooling.Mean, false, (DenseProjection?)null);
        foreach (var element in document.RootElement.EnumerateArray())
        {
            var module = new JsonFields(element, path);
            var type = (module.IsObject ? module.Text("type") : null) ?? "missing";
            switch (type.Split('.')[^1])
            {
                case "Transformer": break;
                case "Pooling": pooling = ReadPooling(Path.Combine(folder, module.Text("path") ?? "", "config.json")); break;
                case "Dense" when projection is null && !normalize: projection = DenseProjection.Read(Path.Combine(folder, module.Text("path") ?? "")); break;
                case "Normalize": normalize = true; break;
                default: throw module.Refuse("type", type, "Transformer, Pooling, at most one Dense, and Normalize at the end");
            }
        }
        return new SentenceTransformersFolder(pooling, projection, normalize, maxTokens, lowerCase);
    }

    private static (int? MaxTokens, bool LowerCase) ReadTransformer(string path)
    {
        if (!File.Exists(path)) return (null, false);
        using var document = JsonFile.Read(path);
        var fields = new JsonFields(document.RootElement, path);
        return fields.IsObject ? (fields.Whole("max_seq_length", 2), fields.Flag("do_lower_case") ?? false) : throw new RefusedException($"{path}: not a JSON object");
    }

    private static Pooling ReadPooling(string path)
    {
        using var document = JsonFile.Read(path);
        var fields = new JsonFields(document.RootElement, path);
        if (!fields.IsObject) throw new RefusedException($"{path}: not a JSON object");
        string[] modes = [.. document.RootElement.EnumerateObject()
            .Where(field => field.Name.StartsWith("pooling_mode_", StringComparison.Ordinal) && fields.Flag(field.Name) is true)
            .Select(field => field.Name["pooling_mode_".Length..])];
        return modes switch
        {
            ["mean_tokens"] => Pooling.Mean,
            ["lasttoken"] => Pooling.Last,
            _ => throw fields.Refuse("pooling_mode", modes.Length == 0 ? "none" : string.Join(" + ", modes), "mean_tokens or lasttoken, and one only"),
        };
    }
}
