namespace Recs.Features.Requests;

/// <summary>Where the slate is shown, as hash buckets: 1 in the surface's own, 0 in the others, all 0 where it is not known. Two surfaces may share a bucket.</summary>
internal sealed class Surface(FeatureParameters parameters) : Feature
{
    /// <summary>As a features file names it.</summary>
    public static FeatureDefinition Definition { get; } = new("surface",
        [new("buckets", 8, 1, 64, "Columns, each for the surfaces that hash to it.", Whole: true)], parameters => new Surface(parameters));

    public override IReadOnlyList<string> Columns { get; } = [.. Enumerable.Range(0, parameters.Whole("buckets")).Select(bucket => $"surface_{bucket}")];

    public override void Read(FeatureRequest request, in Candidate candidate, Span<float> values) => NameBucket.Write(request.Surface, values);

    public override string[] Explain(FeatureRequest request, in Candidate candidate) => [.. Columns.Select(_ =>
        request.Surface.Length == 0 ? "0: the surface is not known" : Say($"surface '{request.Surface}' has bucket {NameBucket.Of(request.Surface, Columns.Count)} of {Columns.Count}"))];
}
