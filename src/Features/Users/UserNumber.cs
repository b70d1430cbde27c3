namespace Recs.Features.Users;

/// <summary>A numeric attribute of the user, such as age, by their newest version; −1 where it is missing or no number.</summary>
internal sealed class UserNumber(string attribute) : Feature
{
    /// <summary>As a features file names it.</summary>
    public static FeatureDefinition Definition { get; } = new("user_number", [], (attribute, _) => new UserNumber(attribute));

    private const float Missing = -1;

    private float _value;

    public override IReadOnlyList<string> Columns { get; } = [$"user_{attribute}"];

    public override void Begin(FeatureRequest request) =>
        _value = request.State.UserRegister.Find(request.User)?.Attributes.Number(attribute) is { } number && float.IsFinite((float)number) ? (float)number : Missing;

    public override void Read(FeatureRequest request, in Candidate candidate, Span<float> values) => values[0] = _value;

    public override string[] Explain(FeatureRequest request, in Candidate candidate) =>
        [request.State.UserRegister.Find(request.User) is { } entry ? $"{attribute} '{entry.Attributes.Text(attribute) ?? ""}' of the user's version of {entry.Time}" : $"{Missing}: no version of the user"];
}
