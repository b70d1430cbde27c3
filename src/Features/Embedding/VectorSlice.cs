using System.Numerics.Tensors;
using Recs.Features.State;

namespace Recs.Features.Embedding;

/// <summary>
/// Where the candidate's vector lies along the directions in which the catalogue's vectors differ most, in deviations from their mean. The directions are found once, when a model is
/// trained, and stay with its schema: a catalogue that grows later moves nothing. 0 without a vector.
/// </summary>
internal sealed class VectorSlice(FeatureParameters parameters, IReadOnlyList<float>? found) : Feature
{
    /// <summary>As a features file names it.</summary>
    public static FeatureDefinition Definition { get; } = new("vector_slice",
        [new("count", 8, 1, 64, "Directions.", Whole: true)], (parameters, found) => new VectorSlice(parameters, found), (parameters, vectors) => PrincipalAxes.Find(vectors, parameters.Whole("count")));

    private readonly int _count = parameters.Whole("count");
    private readonly float[]? _numbers = found is null ? null : [.. found];
    private readonly TableIndex _rows = new();

    public override IReadOnlyList<string> Columns { get; } = [.. Enumerable.Range(1, parameters.Whole("count")).Select(axis => $"vector_{axis}")];

    public override bool NeedsEmbeddings => true;

    public override void Begin(FeatureRequest request)
    {
        if (request.Vectors is not { Count: > 0 } vectors) return;
        if (_numbers is null) throw new InvalidOperationException("vector_slice reads directions that were never found: a schema is fitted to vectors before it reads any");
        if (_numbers.Length != _count * (1 + vectors.Dimensions)) throw new InvalidOperationException($"{_numbers.Length} numbers are not {_count} directions of {vectors.Dimensions} dimensions: they were found on vectors of another version");
    }

    public override void Read(FeatureRequest request, in Candidate candidate, Span<float> values)
    {
        values.Clear();
        if (request.Vectors is not { Count: > 0 } vectors || _rows.Row(vectors, vectors.Find, request.State.Items, candidate.Item) is not (>= 0 and var row)) return;
        for (var axis = 0; axis < _count; axis++)
            values[axis] = _numbers![axis] + TensorPrimitives.Dot(_numbers.AsSpan(_count + axis * vectors.Dimensions, vectors.Dimensions), vectors.Vector(row));
    }

    public override string[] Explain(FeatureRequest request, in Candidate candidate)
    {
        var has = request.Vectors is { Count: > 0 } vectors && _rows.Row(vectors, vectors.Find, request.State.Items, candidate.Item) >= 0;
        return [.. Enumerable.Range(1, _count).Select(axis => has ? Say($"deviations from the mean along direction {axis} of {_count}, found when the model was trained; version {request.Vectors!.Version}") : "0: the item has no vector")];
    }
}
