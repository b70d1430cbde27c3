using Recs.Domain.Events;
using Recs.Features.Explaining;
using Recs.Features.State;

namespace Recs.Features.Users;

/// <summary>
/// How much of the user's recent liking went to the candidate's category, author and tags: decayed shares (half-life 30 d unless told otherwise) of the
/// recent list, read with the catalogue of the moment. A tag counts by its best and by its mean. Owns the recent lists.
/// </summary>
internal sealed class UserTaste(FeatureParameters parameters) : Feature
{
    /// <summary>As a features file names it.</summary>
    public static FeatureDefinition Definition { get; } = new("user_taste",
        [new("half_life_days", 30, 0.01, 3_650, "Half-life of an entry of the recent list, in days.")], parameters => new UserTaste(parameters));

    private readonly double _halfLife = parameters["half_life_days"];
    private readonly Dictionary<string, double> _categories = new(StringComparer.Ordinal);
    private readonly Dictionary<string, double> _authors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, double> _tags = new(StringComparer.Ordinal);
    private double _total;

    public override IReadOnlyList<string> Columns { get; } = ["taste_category", "taste_author", "taste_tag_max", "taste_tag_mean"];

    public override void Update(Event source, RankingState state, int sign)
    {
        // A list that was cut at its old end cannot give an entry back: a user who is forgotten loses it whole.
        if (sign > 0 && source is Interaction interaction) Remember(interaction, state);
    }

    /// <summary>Puts an interaction into its user's list, where it is one that likes or dislikes.</summary>
    public static void Remember(Interaction interaction, RankingState state)
    {
        if (interaction.Action.IsPositive() || interaction.Action.IsNegative())
            state.ProfileForUpdate(state.Users.Intern(interaction.User.Value)).Recents
                .Add(new(state.Items.Intern(interaction.Item.Value), interaction.Action, interaction.Time), state.Items);
    }

    public override void Begin(FeatureRequest request)
    {
        _categories.Clear();
        _authors.Clear();
        _tags.Clear();
        _total = 0;
        foreach (ref readonly var recent in request.Recents)
        {
            if (!recent.Type.IsPositive() || request.State.Catalogue.Find(recent.Item)?.Item is not { } item) continue;
            var weight = Counting.Decay.Weight((request.Now - recent.Time).TotalDays / _halfLife);
            _total += weight;
            if (item.Category.Length > 0) Add(_categories, item.Category, weight);
            if (item.Author.Length > 0) Add(_authors, item.Author, weight);
            for (var tag = 0; tag < item.Tags.Count; tag++) Add(_tags, item.Tags[tag], weight);
        }
    }

    public override void Read(FeatureRequest request, in Candidate candidate, Span<float> values)
    {
        values.Clear();
        if (_total == 0 || candidate.Entry?.Item is not { } item) return;
        values[0] = Share(_categories, item.Category);
        values[1] = Share(_authors, item.Author);
        // By number: the list's enumerator would be an object for every candidate.
        for (var tag = 0; tag < item.Tags.Count; tag++)
        {
            var share = Share(_tags, item.Tags[tag]);
            values[2] = Math.Max(values[2], share);
            values[3] += share / item.Tags.Count;
        }
    }

    public override string[] Explain(FeatureRequest request, in Candidate candidate)
    {
        if (_total == 0) return [.. Columns.Select(_ => "0: nothing liked lately")];
        if (candidate.Entry?.Item is not { } item) return [.. Columns.Select(_ => "0: no catalogue entry")];
        string Of(Dictionary<string, double> shares, string kind, string key) => key.Length == 0 ? $"0: the item has no {kind}"
            : Say($"weight {shares.GetValueOrDefault(key):0.####} of {kind} '{key}' / {_total:0.####} of all recent likes, each 2^(−age / {_halfLife} d)");
        var tags = Evidence.List(item.Tags, item.Tags.Count, tag => Say($"'{tag}' {Share(_tags, tag):0.####}"));
        return [Of(_categories, "category", item.Category), Of(_authors, "author", item.Author), $"greatest share among its tags: {tags}", $"mean share of its tags: {tags}"];
    }

    private static void Add(Dictionary<string, double> shares, string key, double weight) => shares[key] = shares.GetValueOrDefault(key) + weight;

    private float Share(Dictionary<string, double> shares, string key) => shares.TryGetValue(key, out var weight) ? (float)(weight / _total) : 0;
}
