using System.Text.Json.Serialization;
using Recs.Domain.Events;
using Recs.Domain.Wire;
using Recs.Features;
using Recs.Features.Affinity;
using Recs.Features.Embedding;
using Recs.Features.State;
using Recs.Ranker.Model;

namespace Recs.Pipelines.Explain;

/// <summary>What <c>recs explain row --json</c> writes: one row of a model with what is behind it.</summary>
/// <param name="Model">Its version.</param>
/// <param name="EmbeddingVersion">Of the vectors that were read, or "none".</param>
/// <param name="User">For whom.</param>
/// <param name="Item">What is judged.</param>
/// <param name="Request">The logged request, or null.</param>
/// <param name="Surface">Where it was shown.</param>
/// <param name="Position">The place, 1 the first.</param>
/// <param name="Time">The moment of the request.</param>
/// <param name="Known">Only what was known before this moment was read.</param>
/// <param name="FactsBefore">How many facts that were.</param>
/// <param name="Followed">The actions logged in answer.</param>
/// <param name="Heads">By action.</param>
/// <param name="Columns">The one that added most to the first head that can be explained comes first; in row order where none can.</param>
internal sealed record ExplainedRow(string Model, string EmbeddingVersion, string User, string Item, string? Request, string Surface, int Position, string Time, string Known, int FactsBefore,
    IReadOnlyList<string> Followed, IReadOnlyDictionary<string, ExplainedHead> Heads, IReadOnlyList<ExplainedColumn> Columns)
{
    /// <summary>Folds what was known before the row and reads it as training does.</summary>
    /// <param name="facts">In the order (known, event time, event id).</param>
    /// <param name="asked">Which row.</param>
    /// <param name="model">Whose columns are read.</param>
    /// <param name="vectors">The vectors the model was trained with, or null.</param>
    /// <param name="cancel">Stops between facts.</param>
    public static ExplainedRow Of(IReadOnlyList<Fact> facts, RowQuestion asked, RankerModel model, ItemVectors? vectors, CancellationToken cancel)
    {
        var state = new RankingState();
        var folded = 0;
        for (; folded < facts.Count && facts[folded].Known < asked.Known; folded++)
        {
            if (folded % 4_096 == 0) cancel.ThrowIfCancellationRequested();
            state.Apply(facts[folded].Event);
        }
        var reader = new FeatureReader(state, model.Schema) { Vectors = vectors, Affinity = AffinitySchedule.Tables(facts, [asked.Known], model.Schema.NeedsRatings).Values.Single() };
        reader.Begin(asked.User, asked.Time, asked.Surface);
        var columns = reader.Explain(asked.Item, asked.Position);
        float[] row = [.. columns.Select(column => column.Value)];

        Dictionary<string, ExplainedHead> heads = [];
        Dictionary<string, double[]> shares = [];
        foreach (var head in model.Heads)
        {
            var name = ActionNames.Of(head.Action);
            double? average = null;
            if (head.CanExplain) average = head.Explain(row, shares[name] = new double[row.Length]);
            heads.Add(name, new(head.Score(row), head.Probability(row), head.IsAmount, average, head.WhyNotExplained));
        }
        var explained = columns.Select((column, at) => new ExplainedColumn(column.Column, column.Feature, column.Value, column.How, shares.ToDictionary(head => head.Key, head => head.Value[at])));
        // The sort is stable: columns that added alike stay in row order.
        if (shares.Count > 0) explained = explained.OrderByDescending(column => Math.Abs(column.Contributions[shares.Keys.First()]));
        return new(model.Version, vectors?.Version ?? "none", asked.User.Value, asked.Item.Value, asked.Request?.Value, asked.Surface, asked.Position, asked.Time.ToString(), asked.Known.ToString(), folded,
            asked.Followed, heads, [.. explained]);
    }
}

/// <summary>What one head made of the row.</summary>
/// <param name="Score">The raw score: log-odds before calibration, or of an amount its unit.</param>
/// <param name="Predicted">The calibrated probability, or the expected amount.</param>
/// <param name="IsAmount">Whether an amount is predicted.</param>
/// <param name="Average">The average raw score of the training rows; with the contributions of all columns it sums up to <paramref name="Score"/>. Null where there are none.</param>
/// <param name="NotExplained">Why there are no contributions, or null.</param>
internal sealed record ExplainedHead(double Score, float Predicted, bool IsAmount, double? Average, string? NotExplained);

/// <summary>One column.</summary>
/// <param name="Column">Its name.</param>
/// <param name="Feature">The feature that reads it.</param>
/// <param name="Value">As the model reads it.</param>
/// <param name="How">What is behind the value.</param>
/// <param name="Contributions">By head that can be explained: what the column added to its raw score.</param>
internal sealed record ExplainedColumn(string Column, string Feature, float Value, string How, IReadOnlyDictionary<string, double> Contributions);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ExplainedRow))]
internal sealed partial class ExplainJson : JsonSerializerContext;
