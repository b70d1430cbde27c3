using System.Text;
using System.Text.Json;
using Recs.Domain;
using Recs.Pipelines.CommandLine;

namespace Recs.Pipelines.Embed;

/// <summary>One text to embed.</summary>
internal sealed record TextEntry(string Id, string Text);

/// <summary>Reads the texts to embed, by the file's ending: .jsonl or .txt.</summary>
internal static class TextFile
{
    /// <exception cref="RefusedException">The file is missing, of another kind, or a line is not an entry.</exception>
    public static List<TextEntry> Read(FileInfo file)
    {
        Func<string, string, int, TextEntry> parse = file.Extension.ToLowerInvariant() switch
        {
            ".jsonl" => ParseJson,
            ".txt" => (line, _, number) => new TextEntry($"{number}", line),
            _ => throw new RefusedException($"{file.FullName}: the ending says neither .jsonl nor .txt"),
        };
        if (!file.Exists) throw new RefusedException($"{file.FullName}: no such file");
        List<TextEntry> entries = [];
        var number = 0;
        foreach (var line in File.ReadLines(file.FullName, Encoding.UTF8))
        {
            number++;
            if (file.Extension.Equals(".jsonl", StringComparison.OrdinalIgnoreCase) && string.IsNullOrWhiteSpace(line)) continue;
            entries.Add(parse(line, file.FullName, number));
        }
        return entries;
    }

    private static TextEntry ParseJson(string line, string path, int number)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            if (document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String && id.GetString() is { Length: > 0 } name
                && document.RootElement.TryGetProperty("text", out var text) && text.ValueKind == JsonValueKind.String)
                return new TextEntry(name, JsonStringLine.Parse(text.GetRawText(), $"{path}, line {number}"));
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            throw new RefusedException($"{path}, line {number}: not JSON ({broken.Message.Split('\n', 2)[0]})", broken);
        }
        throw new RefusedException($"{path}, line {number}: expected {{\"id\": \"…\", \"text\": \"…\"}} with both as strings");
    }
}
