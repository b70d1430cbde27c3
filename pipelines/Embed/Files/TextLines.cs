using System.Text;
using System.Text.Json;
using Recs.Domain;
using Recs.Pipelines.CommandLine;

namespace Recs.Pipelines.Embed.Files;

/// <summary>Texts of a file of lines.</summary>
internal static class TextLines
{
    /// <summary>Characters of a line: a file without line ends must not fill the memory.</summary>
    public const int LineLength = 16 << 20;

    /// <summary>One text a line, whose id is its line number from 1.</summary>
    public static IEnumerable<TextEntry> ReadPlain(string path) => Lines(path).Select((line, at) => new TextEntry($"{at + 1}", line));

    /// <summary><c>{"id","text"}</c> a line; empty lines are skipped.</summary>
    public static IEnumerable<TextEntry> ReadJson(string path)
    {
        var number = 0;
        foreach (var line in Lines(path))
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line)) yield return ParseJson(line, path, number);
        }
    }

    private static IEnumerable<string> Lines(string path)
    {
        using var reader = new StreamReader(path, Encoding.UTF8);
        var (line, buffer, number) = (new StringBuilder(), new char[1 << 15], 1L);
        var afterReturn = false; // \r\n is one end of a line, also where a read ends between the two
        var begun = false;
        for (int read; (read = reader.Read(buffer, 0, buffer.Length)) > 0;)
        {
            var from = 0;
            if (afterReturn && buffer[0] == '\n') from = 1;
            afterReturn = false;
            while (from < read)
            {
                var length = buffer.AsSpan(from, read - from).IndexOfAny('\r', '\n');
                line.Append(buffer, from, length < 0 ? read - from : length);
                if (line.Length > LineLength) throw new RefusedException($"{path}, line {number}: longer than {LineLength} characters; a text has a line of its own");
                begun = length < 0;
                if (length < 0) break;
                yield return line.ToString();
                line.Clear();
                number++;
                from += length + 1;
                if (buffer[from - 1] != '\r') continue;
                if (from == read) afterReturn = true;
                else if (buffer[from] == '\n') from++;
            }
        }
        if (begun) yield return line.ToString();
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
