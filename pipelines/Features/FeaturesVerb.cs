using System.CommandLine;
using Recs.Domain;
using Recs.Features.Embedding;
using Recs.Pipelines.CommandLine;
using Recs.Ranker.Model;

namespace Recs.Pipelines.Features;

/// <summary><c>recs features</c>: from a snapshot to the feature rows of every recently active user's candidates.</summary>
internal static class FeaturesVerb
{
    public static Command Create()
    {
        var snapshot = new Option<string>("--snapshot") { Description = "A folder written by recs snapshot.", HelpName = "DIR", Required = true };
        var model = Verb.ModelOption();
        var output = new Option<string>("--output") { Description = "The Parquet file to write.", HelpName = "FILE", Required = true };
        var days = new Option<int>("--days") { Description = "Users active within so many days before the snapshot.", HelpName = "N", DefaultValueFactory = _ => 7 };
        return Verb.Create("features", "Reads the feature rows of the recently active users' candidates from a snapshot.", [snapshot, model, output, days], async (parsed, cancel) =>
        {
            if (parsed.GetValue(days) is < 1 or > 3_650) throw new RefusedException($"--days is {parsed.GetValue(days)}, range 1 to 3650");
            var ranker = RankerModel.Load(parsed.GetValue(model)!);
            await new StageBoard(Terminal.Open(), TimeProvider.System).Run("features", "reading features", _ =>
            {
                var source = Snapshot.Snapshot.Read(parsed.GetValue(snapshot)!);
                if (ranker.EmbeddingVersion != source.Manifest.EmbeddingVersion)
                    throw new RefusedException($"the model was trained with embedding version {ranker.EmbeddingVersion}, the snapshot holds {source.Manifest.EmbeddingVersion}; embed the catalogue with that version or train anew");
                var (users, blocks) = CandidateBlocks.Of(source.Facts, new Timestamp(source.Manifest.AsOf), parsed.GetValue(days), ranker.Schema, new ItemVectors(source.Vectors), cancel);
                var rows = FeatureFile.Write(parsed.GetValue(output)!, blocks, ranker.Schema, source.Manifest.EmbeddingVersion);
                return Task.FromResult(($"{rows:N0} rows for {users:N0} users", rows));
            });
            return 0;
        });
    }
}
