using Recs.Features.Requests;

namespace Recs.Features.Users;

/// <summary>
/// An attribute of the user that is a name, such as country, as hash buckets: 1 in the name's own, 0 in the others, all 0 where it is missing. Two names may share a bucket.
/// </summary>
internal sealed class UserGroup(string attribute, FeatureParameters parameters) : Feature
{
    /// <summary>As a features file names it.</summary>
    public static FeatureDefinition Definition { get; } = new("user_group",
        [new("buckets", 8, 1, 64, "Columns, each for the names that hash to it.", Whole: true)], (attribute, parameters) => new UserGroup(attribute, parameters));

    private string _name = "";

    public override IReadOnlyList<string> Columns { get; } = [.. Enumerable.Range(0, parameters.Whole("buckets")).Select(bucket => $"user_{attribute}_{bucket}")];

    public override void Begin(FeatureRequest request) => _name = request.State.UserRegister.Find(request.User)?.Attributes.Text(attribute) ?? "";

    public override void Read(FeatureRequest request, in Candidate candidate, Span<float> values) => NameBucket.Write(_name, values);

    public override string[] Explain(FeatureRequest request, in Candidate candidate) => [.. Columns.Select(_ =>
        _name.Length == 0 ? $"0: the user has no {attribute}" : Say($"{attribute} '{_name}' has bucket {NameBucket.Of(_name, Columns.Count)} of {Columns.Count}"))];
}
