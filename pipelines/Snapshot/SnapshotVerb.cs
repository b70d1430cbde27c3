using System.CommandLine;
using Recs.Ingest;
using Recs.Pipelines.CommandLine;

namespace Recs.Pipelines.Snapshot;

/// <summary><c>recs snapshot</c>: facts and vectors out of the store, into files.</summary>
internal static class SnapshotVerb
{
    public static Command Create()
    {
        var db = StoreOption.Create();
        var output = new Option<string>("--output") { Description = "The folder to write.", HelpName = "DIR", Required = true };
        var json = Verb.JsonOption();
        return Verb.Create("snapshot", "Writes the facts and vectors of a store into a folder of files, for batch jobs.", [db, output, json], async (parsed, _) =>
        {
            using var store = StoreOption.OpenExisting(parsed.GetValue(db)!);
            var manifest = await new StageBoard(Terminal.Open(), TimeProvider.System).Run("snapshot", "writing the snapshot", _ =>
            {
                var vectors = store.LatestEmbeddingVersion() is { } version ? store.Embeddings(version) : [];
                var written = Snapshot.Write(parsed.GetValue(output)!, store.Read(new IngestOptions().Group).Facts, vectors);
                return Task.FromResult(($"{written.Facts:N0} facts and {written.Vectors:N0} vectors as of {written.AsOfText}", written));
            });
            Verb.WriteJson(parsed.GetValue(json), manifest, SnapshotJson.Default.SnapshotManifest);
            return 0;
        });
    }
}
