using System.CommandLine;
using Recs.Domain;
using Recs.Pipelines.CommandLine;
using Recs.Pipelines.Features;
using Recs.Ranker.Batch;
using Recs.Ranker.Model;
using Recs.Storage.Scores;

namespace Recs.Pipelines.Score;

/// <summary><c>recs score</c>: from feature rows to ranked scores.</summary>
internal static class ScoreVerb
{
    public static Command Create()
    {
        var model = Verb.ModelOption();
        var input = new Option<string>("--input") { Description = "A Parquet file written by recs features.", HelpName = "FILE", Required = true };
        var output = new Option<string>("--output") { Description = "The Parquet file to write.", HelpName = "FILE", Required = true };
        return Verb.Create("score", "Scores feature rows with a model and ranks them for each user.", [model, input, output], async (parsed, _) =>
        {
            foreach (var path in new[] { parsed.GetValue(input)!, parsed.GetValue(output)! })
                if (!path.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase)) throw new RefusedException($"{path}: this build reads and writes .parquet files");
            var ranker = RankerModel.Load(parsed.GetValue(model)!);
            await new StageBoard(Terminal.Open(), TimeProvider.System).Run("score", "scoring", _ =>
            {
                var scorer = new BatchScorer(ranker);
                var rows = ScoreFile.Write(parsed.GetValue(output)!, FeatureFile.Read(parsed.GetValue(input)!, ranker.Schema, ranker.EmbeddingVersion)
                    .AsParallel().AsOrdered().SelectMany(scorer.Score));
                return Task.FromResult(($"{rows:N0} rows, model {ranker.Version}, embedding {ranker.EmbeddingVersion}", rows));
            });
            return 0;
        });
    }
}
