using System.CommandLine;
using Recs.Pipelines.CommandLine;

namespace Recs.Pipelines.Embed;

/// <summary><c>recs embed</c>: texts of a file to a file of vectors, or a store's items to vectors in the store.</summary>
internal static class EmbedCommand
{
    public static Command Create(TimeProvider clock)
    {
        var switches = new EmbedderSwitches();
        var files = new FileOptions();
        var db = StoreOption.Create(required: false);
        var json = Verb.JsonOption();
        var command = Verb.Create("embed", "Vectors of the texts of a file (--input, --output) or of a store's items (--db), there only of what has changed.",
            [.. switches.All, .. files.All, db, json], (parsed, cancel) =>
            {
                var progress = new EmbedProgress(Terminal.OpenError(), clock);
                if (parsed.GetValue(db) is { } url) EmbedStore(url);
                else EmbedFile();
                return Task.FromResult(0);

                void EmbedStore(string store)
                {
                    using var opened = StoreOption.OpenExisting(store);
                    using var embedder = switches.Load(parsed, ItemText.Fields, ItemText.DefaultTemplate, lowerCase: true);
                    var summary = StoreEmbedding.Run(opened, embedder, progress, cancel);
                    Verb.WriteJson(parsed.GetValue(json), summary, EmbedJson.Default.StoreEmbedSummary);
                    Console.WriteLine($"{summary}: {opened.Name}");
                }

                void EmbedFile()
                {
                    var job = new FileEmbedding(files.Input(parsed), files.Output(parsed), files.BlockTexts(parsed), line => Console.Error.WriteLine($"embed: {line}"));
                    var summary = job.Run(() => switches.Load(parsed, FileEmbedding.Fields, FileEmbedding.DefaultTemplate, lowerCase: false), progress, cancel);
                    Verb.WriteJson(parsed.GetValue(json), summary, EmbedJson.Default.EmbedSummary);
                    Console.WriteLine(summary);
                }
            });
        command.Validators.Add(result =>
        {
            var (toFile, toStore) = (files.AreNamed(result), result.GetValue(db) is not null);
            if (toFile == toStore) result.AddError("say what to embed, one of the two: --input FILE and --output FILE, or --db URL");
            else if (toFile) files.Check(result);
        });
        return command;
    }
}
