namespace Recs.Features.Items;

/// <summary>Days since the item came into being; −1 for an item without a catalogue entry.</summary>
internal sealed class ItemAge : Feature
{
    /// <summary>As a features file names it.</summary>
    public static FeatureDefinition Definition { get; } = new("item_age", [], _ => new ItemAge());

    public override IReadOnlyList<string> Columns { get; } = ["item_age_days"];

    public override void Read(FeatureRequest request, in Candidate candidate, Span<float> values) =>
        values[0] = candidate.Entry is { } entry ? (float)Math.Max(0, (request.Now - entry.Created).TotalDays) : -1;

    public override string[] Explain(FeatureRequest request, in Candidate candidate) =>
        [candidate.Entry is { } entry ? $"days from {entry.Created} ({(entry.Item.Created is null ? "its first version" : "its own date")}) to {request.Now}" : "−1: no catalogue entry"];
}
