using System.Text.Json;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Wire;
using Recs.Features.Embedding;
using Recs.Ingest;
using Recs.Pipelines.Evaluate;
using Recs.Pipelines.Quality;
using Recs.Pipelines.Train;
using Recs.Ranker.Model;
using Recs.Storage;

namespace Recs.Pipelines.Models;

/// <summary>
/// Judges two models on the same rows: the store's impressions from the moment on at which the candidate's judged period began. The live model may have learnt from some of them,
/// which is to its advantage. Figures of their registration are of different periods and would not compare.
/// </summary>
internal static class SameRows
{
    /// <summary>Figures by head of the candidate and of the live model.</summary>
    /// <exception cref="RefusedException">A model's folder is gone or holds another version, or no rows are left to judge by.</exception>
    public static (IReadOnlyDictionary<string, QualityFigures> Candidate, IReadOnlyDictionary<string, QualityFigures> Live, int Rows) Judge(IRecsStore store, RegisteredModel candidate, RegisteredModel live, CancellationToken cancel)
    {
        var told = JsonSerializer.Deserialize(candidate.Parameters, TrainJson.Default.TrainParameters) ?? throw new RefusedException($"the parameters of model {candidate.Version} are empty");
        var since = Timestamp.From(DateTimeOffset.Parse(told.TestFrom ?? told.ValidFrom, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal));
        var (first, second) = (Load(candidate), Load(live));
        var facts = store.Read(new IngestOptions().Group).Facts.ToList();
        InteractionType[] actions = [.. first.Heads.Concat(second.Heads).Select(head => head.Action).Distinct()];
        TrainingTable Rows(RankerModel model) => ReplayedTable.Make(facts, model.EmbeddingVersion == "none" ? null : new ItemVectors(store.Embeddings(model.EmbeddingVersion)), model.Schema, actions, since, weighted: false, null, cancel);
        var rows = Rows(first);
        var others = (first.Schema.Hash, first.EmbeddingVersion) == (second.Schema.Hash, second.EmbeddingVersion) ? rows : Rows(second);
        return (Figures(first, rows), Figures(second, others), rows.Rows);
    }

    private static Dictionary<string, QualityFigures> Figures(RankerModel model, TrainingTable table) => model.Heads.ToDictionary(head => ActionNames.Of(head.Action), head => HeadFigures.Of(head, table, ..table.Rows));

    private static RankerModel Load(RegisteredModel model)
    {
        var loaded = RankerModel.Load(model.Folder);
        return loaded.Version == model.Version ? loaded : throw new RefusedException($"{model.Folder} holds model {loaded.Version} by now, registered is {model.Version}; train it anew, into a folder of its own");
    }
}
