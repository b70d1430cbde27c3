using System.CommandLine;
using System.Text;
using Recs.Embedder.Tokenizer;
using Recs.Pipelines.CommandLine;

namespace Recs.Pipelines.Tokenize;

/// <summary><c>recs tokenize</c>: one JSON string a line in, one JSON array of token ids a line out.</summary>
internal static class TokenizeCommand
{
    public static Command Create()
    {
        var model = new Option<DirectoryInfo>("--model") { Description = "Model folder with tokenizer.json or tokenizer.model.", HelpName = "DIR", Required = true };
        return Verb.Create("tokenize", "Token ids of texts: stdin one JSON string a line, stdout one JSON array a line.", [model], (parsed, cancel) =>
        {
            var tokenizer = ByteLevelTokenizer.Load(parsed.GetRequiredValue(model).FullName);
            using var input = new StreamReader(Console.OpenStandardInput(), new UTF8Encoding(false));
            // Flushed line by line, so that a program may send one text and wait for its ids.
            using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false)) { NewLine = "\n", AutoFlush = true };
            var number = 0;
            while (input.ReadLine() is { } line)
            {
                cancel.ThrowIfCancellationRequested();
                number++;
                output.WriteLine($"[{string.Join(',', tokenizer.Encode(JsonStringLine.Parse(line, $"stdin, line {number}")))}]");
            }
            return Task.FromResult(0);
        });
    }
}
