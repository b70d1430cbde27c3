namespace Recs.Features.Requests;

/// <summary>
/// The place at which the item was shown, 1 the first; places beyond <c>most</c> read as that. A model that knows it need not put the attention of a good place down to the
/// item. Training reads the logged place; serving fixes it at 1, so that candidates differ by what they are (Guo et al. 2019, "PAL", RecSys, on its bias).
/// </summary>
internal sealed class Position(FeatureParameters parameters) : Feature
{
    /// <summary>As a features file names it.</summary>
    public static FeatureDefinition Definition { get; } = new("position",
        [new("most", 50, 1, 10_000, "The last place that is told from later ones.", Whole: true)], parameters => new Position(parameters));

    private readonly int _most = parameters.Whole("most");

    public override IReadOnlyList<string> Columns { get; } = ["position"];

    public override void Read(FeatureRequest request, in Candidate candidate, Span<float> values) => values[0] = Math.Clamp(candidate.Position, 1, _most);

    public override string[] Explain(FeatureRequest request, in Candidate candidate) => [Say($"place {candidate.Position}, held to 1 to {_most}; serving fixes it at 1")];
}
