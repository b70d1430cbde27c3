using System.Text.Json;
using Recs.Pipelines.CommandLine;

namespace Recs.Pipelines.Bench.Recipes;

/// <summary>
/// Made-up words for a recipe's token ids, one each: the recipe has no tokenizer, and with this one beside it, it is measured by the same
/// public way as any model. A text of n words is n tokens; no special ones are put around it.
/// </summary>
internal sealed class RecipeVocabulary(int size)
{
    private const int Letters = 4;

    /// <summary>What a space is in the byte-level alphabet.</summary>
    private const string Space = "\u0120";

    /// <summary>The word of token <paramref name="id"/>: four letters from a to z.</summary>
    public static string Word(int id) => string.Create(Letters, id, (word, rest) =>
    {
        for (var i = Letters - 1; i >= 0; i--, rest /= 26) word[i] = (char)('a' + rest % 26);
    });

    /// <summary>The text whose tokens are <paramref name="ids"/>.</summary>
    public static string Text(IEnumerable<int> ids) => string.Concat(ids.Select(id => " " + Word(id)));

    /// <summary>Writes tokenizer.json, unless it is there. It splits as the bundled model's does.</summary>
    public void Write(string folder)
    {
        var file = new FileInfo(Path.Combine(folder, "tokenizer.json"));
        if (file.Exists) return;
        using var bundled = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Home.Model, "tokenizer.json")));
        using var partial = new PartialFile(file);
        using (var json = new Utf8JsonWriter(partial.Stream))
        {
            json.WriteStartObject();
            json.WriteString("version", "1.0");
            json.WritePropertyName("pre_tokenizer");
            bundled.RootElement.GetProperty("pre_tokenizer").WriteTo(json);
            json.WriteStartObject("model");
            json.WriteString("type", "BPE");
            json.WriteBoolean("ignore_merges", true);
            json.WriteStartObject("vocab");
            WriteBytes(json, bundled.RootElement.GetProperty("model").GetProperty("vocab"));
            for (var id = 0; id < size; id++) json.WriteNumber(Space + Word(id), id);
            json.WriteEndObject();
            json.WriteStartArray("merges");
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
        }
        partial.Keep();
    }

    /// <summary>Every byte has to have a token; none of the texts made here needs them.</summary>
    private void WriteBytes(Utf8JsonWriter json, JsonElement vocabulary)
    {
        var id = 0;
        foreach (var entry in vocabulary.EnumerateObject())
            if (entry.Name.Length == 1) json.WriteNumber(entry.Name, id++ % size);
    }
}
