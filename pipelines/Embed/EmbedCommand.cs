using System.CommandLine;
using Recs.Domain;
using Recs.Embedder;
using Recs.Pipelines.CommandLine;

namespace Recs.Pipelines.Embed;

/// <summary><c>recs embed</c>: texts of a file to vectors in an Arrow IPC file.</summary>
internal static class EmbedCommand
{
    public static Command Create()
    {
        var model = new Option<DirectoryInfo>("--model") { Description = "Model folder: config.json, safetensors, tokenizer.", HelpName = "DIR", Required = true };
        var input = new Option<FileInfo>("--input") { Description = ".jsonl: {\"id\",\"text\"} a line; .txt: one text a line, whose id is its line number from 1.", HelpName = "FILE", Required = true };
        var output = new Option<FileInfo>("--output") { Description = "Arrow IPC file: id, text_hash, vector; the embedding version is in the schema's metadata.", HelpName = "FILE.arrow", Required = true };
        var backend = new Option<string>("--backend") { Description = "What computes.", DefaultValueFactory = _ => "cpu" };
        backend.AcceptOnlyFromAmong("cpu", "cuda");
        var layer = new Option<int?>("--layer") { Description = "Hidden state to pool: 0 = token embeddings, the number of layers = after the final norm (default).", HelpName = "N" };
        var pooling = new Option<string?>("--pooling") { Description = "mean or last (default: what the model folder says)." };
        pooling.AcceptOnlyFromAmong("mean", "last");
        var json = Verb.JsonOption();
        return Verb.Create("embed", "Vectors of the texts of a file.", [model, backend, layer, pooling, input, output, json], async (parsed, cancel) =>
        {
            if (parsed.GetValue(backend) == "cuda") throw new RefusedException("--backend cuda is not built into this version; use --backend cpu");
            var texts = TextFile.Read(parsed.GetRequiredValue(input));
            using var embedder = Llama4Embedder.Load(parsed.GetRequiredValue(model).FullName, new EmbedderOptions
            {
                Layer = parsed.GetValue(layer),
                Pooling = parsed.GetValue(pooling) switch { "mean" => Pooling.Mean, "last" => Pooling.Last, _ => null },
            });
            using var file = new PartialFile(parsed.GetRequiredValue(output));
            var vectors = embedder.Embed([.. texts.Select(entry => entry.Text)], progress: null, cancel);
            await VectorFile.WriteAsync(file.Stream, texts, vectors, embedder, cancel);
            file.Keep();
            var summary = new EmbedSummary(texts.Count, embedder.Dimensions, embedder.Version, parsed.GetRequiredValue(output).FullName);
            Verb.WriteJson(parsed.GetValue(json), summary, EmbedJson.Default.EmbedSummary);
            Console.WriteLine($"{summary.Count} texts, {summary.Dimensions} dimensions, version {summary.Version}: {summary.File}");
            return 0;
        });
    }
}
