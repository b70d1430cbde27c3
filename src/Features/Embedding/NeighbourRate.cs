using Recs.Features.Explaining;
using Recs.Features.Rates;
using Recs.Features.State;

namespace Recs.Features.Embedding;

/// <summary>
/// What the text foretells of an item's rate: the mean rate of the items whose texts are nearest, weighted by cosine and by how often they were tried, in log-odds above the rate of
/// everything; and the same drawn from the user's own recent likes and dislikes among them. 0 without a vector.
/// </summary>
internal sealed class NeighbourRate(FeatureParameters parameters) : Feature
{
    /// <summary>As a features file names it.</summary>
    public static FeatureDefinition Definition { get; } = new("neighbour_rate",
        [new("smoothing", 20, 0.01, 1e6, "Weighted trials that weigh as much as the rate of everything.")], parameters => new NeighbourRate(parameters));

    private readonly double _smoothing = parameters["smoothing"];
    private readonly TableIndex _rows = new();
    private ItemVectors? _vectors;
    private int[] _items = [];
    private int _known;
    private double _overall;

    public override IReadOnlyList<string> Columns { get; } = ["neighbour_rate", "neighbour_trials"];

    public override bool NeedsEmbeddings => true;

    public override void Begin(FeatureRequest request)
    {
        _overall = new Priors(request.State, 20).Overall;
        if (request.Vectors is not { Count: > 0 } vectors) return;
        if (!ReferenceEquals(vectors, _vectors))
        {
            (_vectors, _items, _known) = (vectors, new int[vectors.Count], 0);
            Array.Fill(_items, -1);
        }
        for (; _known < request.State.Items.Count; _known++)
            if (_rows.Row(vectors, vectors.Find, request.State.Items, _known) is >= 0 and var row) _items[row] = _known;
    }

    public override void Read(FeatureRequest request, in Candidate candidate, Span<float> values)
    {
        values.Clear();
        if (request.Vectors is not { Count: > 0 } vectors) return;
        var row = _rows.Row(vectors, vectors.Find, request.State.Items, candidate.Item);
        if (row < 0) return;
        double positives = 0, trials = 0;
        var (neighbours, cosines) = vectors.Nearest(row);
        for (var at = 0; at < neighbours.Length; at++)
        {
            if (_items[neighbours[at]] is not (>= 0 and var item)) continue;
            var totals = request.State.ByItem.Totals(item);
            var weight = Math.Max(0, cosines[at]) / (totals.Trials + 20.0);
            positives += weight * totals.Positives;
            trials += weight * totals.Trials;
        }
        values[0] = (float)(Rate.LogOdds(Rate.Smooth(positives * 20, trials * 20, _overall, _smoothing)) - Rate.LogOdds(_overall));
        values[1] = Log(trials * 20);
    }

    public override string[] Explain(FeatureRequest request, in Candidate candidate)
    {
        var row = request.Vectors is { Count: > 0 } vectors ? _rows.Row(vectors, vectors.Find, request.State.Items, candidate.Item) : -1;
        if (row < 0) return ["0: the item has no vector", "0: the item has no vector"];
        var table = request.Vectors!;
        var near = table.Nearest(row).Rows.Where(other => _items[other] >= 0).ToList();
        var told = Evidence.List(near, near.Count, other => Say($"{table.Id(other)} cosine {table.Cosine(row, other):0.####}, {Evidence.Totals(request.State.ByItem.Totals(_items[other]))}"));
        return [Say($"log-odds of the nearest items' rate above those of {_overall:0.####}, everything's; prior weight {_smoothing}: {told}"), $"log(1 + weighted trials): {told}"];
    }
}
