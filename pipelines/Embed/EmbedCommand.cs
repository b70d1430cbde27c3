using System.CommandLine;
using Recs.Embedder;
using Recs.Pipelines.CommandLine;

namespace Recs.Pipelines.Embed;

/// <summary><c>recs embed</c>: texts of a file to a file of vectors, a store's items to vectors in the store, or items of the stream to vectors on the stream.</summary>
internal static class EmbedCommand
{
    private const string Choice = "say what to embed, one of the three: --input FILE and --output FILE, or --db URL, or --kafka HOSTS";

    public static Command Create(TimeProvider clock)
    {
        var switches = new EmbedderSwitches();
        var files = new FileOptions();
        var stream = new StreamOptions();
        var db = StoreOption.Create(required: false);
        var json = Verb.JsonOption();
        var command = Verb.Create("embed", "Vectors of the texts of a file (--input, --output), of a store's items (--db), or of the items of a stream (--kafka); of items only what has changed.",
            [.. switches.All, .. files.All, db, .. stream.All, json], async (parsed, cancel) =>
            {
                var progress = new EmbedProgress(Terminal.OpenError(), clock);
                Llama4Embedder OfItems() => switches.Load(parsed, ItemText.Fields, ItemText.DefaultTemplate, lowerCase: true);
                if (parsed.GetValue(db) is { } url)
                {
                    using var store = StoreOption.OpenExisting(url);
                    using var embedder = OfItems();
                    var summary = StoreEmbedding.Run(store, embedder, progress, cancel);
                    Verb.WriteJson(parsed.GetValue(json), summary, EmbedJson.Default.StoreEmbedSummary);
                    Console.WriteLine($"{summary}: {store.Name}");
                }
                else if (stream.AreNamed(parsed))
                {
                    using var embedder = OfItems();
                    var summary = await StreamEmbedding.Run(stream.Connection(parsed), stream.Worker(parsed), stream.Once(parsed), embedder, clock, cancel);
                    Verb.WriteJson(parsed.GetValue(json), summary, EmbedJson.Default.StreamEmbedSummary);
                    Console.WriteLine(summary);
                }
                else
                {
                    var job = new FileEmbedding(files.Input(parsed), files.Output(parsed), files.BlockTexts(parsed), line => Console.Error.WriteLine($"embed: {line}"));
                    var summary = job.Run(() => switches.Load(parsed, FileEmbedding.Fields, FileEmbedding.DefaultTemplate, lowerCase: false), progress, cancel);
                    Verb.WriteJson(parsed.GetValue(json), summary, EmbedJson.Default.EmbedSummary);
                    Console.WriteLine(summary);
                }
                return 0;
            });
        command.Validators.Add(result =>
        {
            bool[] named = [files.AreNamed(result), result.GetValue(db) is not null, stream.AreNamed(result)];
            if (named.Count(one => one) != 1) result.AddError(Choice);
            else if (named[0]) files.Check(result);
        });
        return command;
    }
}
