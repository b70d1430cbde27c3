using Recs.Domain;
using Recs.Features.Explaining;
using Recs.Features.State;
using System.Numerics.Tensors;

namespace Recs.Features.Embedding;

/// <summary>
/// What the text foretells for an item that counters do not know yet: the demand of the items whose texts are nearest, and the cosine
/// to the mean of the 200 (popular) most wanted items. Demand here is the positive count decayed with a half-life of 30 d over the
/// days before today, so it is the same all day long: what an item's row says is kept until a past day changes. −1 without a vector.
/// </summary>
internal sealed class NeighbourDemand(FeatureParameters parameters) : Feature
{
    /// <summary>As a features file names it.</summary>
    public static FeatureDefinition Definition { get; } = new("neighbour_demand",
        [new("popular", 200, 1, 10_000, "Most wanted items whose mean is popular_cosine's direction.", Whole: true)], parameters => new NeighbourDemand(parameters));

    private readonly int _mostWanted = parameters.Whole("popular");

    private readonly TableIndex _rows = new();
    private ItemVectors? _vectors;
    private int _day = int.MinValue;
    private long _pastVersion;
    private double[] _logDemand = [];
    // [vectors × columns], NaN where it was not read since.
    private float[] _values = [];
    private float[] _popular = [];

    public override IReadOnlyList<string> Columns { get; } = ["neighbour_demand", "neighbour_demand_max", "popular_cosine"];

    public override bool NeedsEmbeddings => true;

    public override void Begin(FeatureRequest request)
    {
        if (request.Vectors is not { Count: > 0 } vectors) return;
        var (state, day) = (request.State, request.Now.DayIndex);
        var pastVersion = state.PastVersion(day);
        if (ReferenceEquals(vectors, _vectors) && _day == day && _pastVersion == pastVersion) return;
        (_vectors, _day, _pastVersion) = (vectors, day, pastVersion);

        var demand = new double[vectors.Count];
        for (var item = 0; item < state.Items.Count; item++)
        {
            var row = _rows.Row(vectors, vectors.Find, state.Items, item);
            if (row >= 0) demand[row] = state.ByItem.Of(item).DemandBefore(_day, state.Newest);
        }
        // Rows are in id order and the sort is stable: equal demand goes to the smaller id.
        _popular = new float[vectors.Dimensions];
        foreach (var row in Enumerable.Range(0, demand.Length).Where(row => demand[row] > 0).OrderByDescending(row => demand[row]).Take(_mostWanted))
            TensorPrimitives.Add(_popular, vectors.Vector(row), _popular);
        var norm = TensorPrimitives.Norm(_popular);
        if (norm > 0) TensorPrimitives.Divide(_popular, norm, _popular);
        foreach (ref var value in demand.AsSpan()) value = Math.Log(1 + value);
        _logDemand = demand;
        if (_values.Length != demand.Length * Columns.Count) _values = new float[demand.Length * Columns.Count];
        Array.Fill(_values, float.NaN);
    }

    public override void Read(FeatureRequest request, in Candidate candidate, Span<float> values)
    {
        values.Fill(-1);
        if (request.Vectors is not { Count: > 0 } vectors) return;
        var row = _rows.Row(vectors, vectors.Find, request.State.Items, candidate.Item);
        if (row < 0) return;
        var known = _values.AsSpan(row * values.Length, values.Length);
        if (float.IsNaN(known[0])) Read(vectors, row, known);
        known.CopyTo(values);
    }

    private void Read(ItemVectors vectors, int row, Span<float> values)
    {
        double sum = 0, weights = 0, greatest = 0;
        var (neighbours, cosines) = vectors.Nearest(row);
        for (var at = 0; at < neighbours.Length; at++)
        {
            var weight = Math.Max(0, cosines[at]);
            var wanted = weight * _logDemand[neighbours[at]];
            sum += wanted;
            weights += weight;
            greatest = Math.Max(greatest, wanted);
        }
        values[0] = weights > 0 ? (float)(sum / weights) : 0;
        values[1] = (float)greatest;
        values[2] = Cosines.Dot(_popular, vectors.Vector(row));
    }

    public override string[] Explain(FeatureRequest request, in Candidate candidate)
    {
        var row = request.Vectors is { Count: > 0 } vectors ? _rows.Row(vectors, vectors.Find, request.State.Items, candidate.Item) : -1;
        if (row < 0) return [.. Columns.Select(_ => "−1: the item has no vector")];
        var table = request.Vectors!;
        var near = table.Nearest(row).Rows.ToArray();
        var told = Evidence.List(near, near.Length, other => Say($"{table.Id(other)} cosine {table.Cosine(row, other):0.####} log(1 + demand) {_logDemand[other]:0.####}"));
        return
        [
            $"mean of log(1 + demand) weighted by cosine, demand = positives of earlier days decayed with half-life 30 d: {told}", $"greatest cosine · log(1 + demand): {told}",
            Say($"cosine to the mean of the {_mostWanted} most wanted items' vectors on {Timestamp.OfDay(_day).ToString()[..10]}"),
        ];
    }
}
