using Recs.Domain;
using Recs.Features.Affinity;
using Recs.Features.Embedding;
using Recs.Features.Explaining;
using Recs.Features.State;

namespace Recs.Features;

/// <summary>
/// Reads feature rows from a state: <see cref="Begin"/> once for a request, then <see cref="Read"/> for each candidate.
/// An ad that promotes a content item is judged by that item's history (its subject).
/// Thread rule: one thread per reader; the state must not change between <see cref="Begin"/> and the last <see cref="Read"/>.
/// </summary>
public sealed class FeatureReader
{
    private readonly Feature[] _features;
    private readonly RankingState _state;
    private FeatureRequest? _request;

    /// <param name="state">The state to read.</param>
    /// <param name="schema">The columns to read.</param>
    public FeatureReader(RankingState state, FeatureSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        (_state, Schema, _features) = (state, schema, schema.CreateFeatures());
    }

    /// <summary>The columns of a row.</summary>
    public FeatureSchema Schema { get; }

    /// <summary>Co-engagement table, or null while there is none. It must stem from facts known before the requests' week.</summary>
    public AffinityTable? Affinity { get; set; }

    /// <summary>Item vectors of one version, or null: the embedding columns then read as "no vector".</summary>
    public ItemVectors? Vectors { get; set; }

    /// <summary>Where counters stand still from a moment on, that moment: later requests read them as of it. Null where all goes on.</summary>
    public Timestamp? Standstill { get; set; }

    /// <summary>Turns to a user at a moment.</summary>
    /// <param name="user">For whom; one never seen has no history.</param>
    /// <param name="now">The moment of the request.</param>
    /// <param name="surface">Where the slate is shown; "" where that is not known.</param>
    public void Begin(UserId user, Timestamp now, string surface = "")
    {
        var index = _state.Users.Find(user.Value) ?? -1;
        _request = new FeatureRequest
        {
            State = _state,
            User = index,
            Profile = _state.Profiles.Read(index),
            Now = now,
            Surface = surface,
            CountedAt = Standstill is { } still && still < now ? still : now,
            Affinity = Affinity,
            Vectors = Vectors,
        };
        foreach (var feature in _features) feature.Begin(_request);
    }

    /// <summary>Writes the row of one candidate.</summary>
    /// <param name="item">Any id; one never seen reads as an item without history.</param>
    /// <param name="row">[<see cref="FeatureSchema.Width"/>], every number finite.</param>
    /// <param name="position">The place it was shown at, 1 the first: training gives the logged one. Serving leaves it out: every candidate is judged as if it stood first.</param>
    /// <exception cref="InvalidOperationException"><see cref="Begin"/> was not called.</exception>
    public void Read(ItemId item, Span<float> row, int position = 1)
    {
        var (request, candidate) = Candidate(item, position);
        var at = 0;
        foreach (var feature in _features)
        {
            feature.Read(request, candidate, row.Slice(at, feature.Columns.Count));
            at += feature.Columns.Count;
        }
    }

    /// <summary>The same row, each column with how it came about.</summary>
    /// <param name="item">As for <see cref="Read"/>.</param>
    /// <param name="position">As for <see cref="Read"/>.</param>
    /// <returns>One for each column, in row order; the values are those of <see cref="Read"/>, bit for bit.</returns>
    /// <exception cref="InvalidOperationException"><see cref="Begin"/> was not called.</exception>
    public IReadOnlyList<ColumnExplanation> Explain(ItemId item, int position = 1)
    {
        var (request, candidate) = Candidate(item, position);
        List<ColumnExplanation> columns = new(Schema.Width);
        for (var at = 0; at < _features.Length; at++)
        {
            var feature = _features[at];
            var values = new float[feature.Columns.Count];
            feature.Read(request, candidate, values);
            var reasons = feature.Explain(request, candidate);
            for (var column = 0; column < values.Length; column++) columns.Add(new(feature.Columns[column], Schema.Features[at].Name, values[column], reasons[column]));
        }
        return columns;
    }

    private (FeatureRequest Request, Candidate Candidate) Candidate(ItemId item, int position)
    {
        var request = _request ?? throw new InvalidOperationException("Begin comes before Read");
        var candidate = Find(item, position);
        if (candidate.Entry?.Item.Ad?.Promotes is { } subject) candidate = Find(subject, position);
        return (request, candidate);
    }

    private Candidate Find(ItemId item, int position) => _state.Items.Find(item.Value) is { } index ? new(index, _state.Catalogue.Find(index), position) : new(-1, null, position);
}
