using System.CommandLine;
using Recs.Embedder.Inspection;
using Recs.Pipelines.CommandLine;

namespace Recs.Pipelines.Hidden;

/// <summary><c>recs hidden</c>: every hidden state and router choice of given token ids, to compare with another implementation.</summary>
internal static class HiddenCommand
{
    public static Command Create()
    {
        var model = new Option<DirectoryInfo>("--model") { Description = "Checkpoint folder: config.json and safetensors; a tokenizer is not needed.", HelpName = "DIR", Required = true };
        var ids = new Option<FileInfo>("--ids") { Description = "JSON array of arrays of token ids.", HelpName = "FILE.json", Required = true };
        var output = new Option<FileInfo>("--output") { Description = "s{k}.hidden_states.{i} and s{k}.router.{layer} of sequence k.", HelpName = "FILE.safetensors", Required = true };
        var switches = new ComputeSwitches();
        return Verb.Create("hidden", "Hidden states and router choices of token ids.", [model, ids, output, .. switches.All], (parsed, cancel) =>
        {
            using var recorder = HiddenStateRecorder.Open(parsed.GetRequiredValue(model).FullName, switches.Read(parsed));
            var sequences = TokenIdFile.Read(parsed.GetRequiredValue(ids).FullName, recorder.VocabularySize);
            using var file = new PartialFile(parsed.GetRequiredValue(output));
            recorder.Record(sequences, file.Stream, cancel);
            file.Keep();
            return Task.FromResult(0);
        });
    }
}
