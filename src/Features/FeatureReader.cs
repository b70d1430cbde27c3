using Recs.Domain;
using Recs.Features.Affinity;
using Recs.Features.Embedding;
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
    public void Begin(UserId user, Timestamp now)
    {
        _request = new FeatureRequest
        {
            State = _state,
            User = _state.Users.Find(user.Value) ?? -1,
            Now = now,
            CountedAt = Standstill is { } still && still < now ? still : now,
            Affinity = Affinity,
            Vectors = Vectors,
        };
        foreach (var feature in _features) feature.Begin(_request);
    }

    /// <summary>Writes the row of one candidate.</summary>
    /// <param name="item">Any id; one never seen reads as an item without history.</param>
    /// <param name="row">[<see cref="FeatureSchema.Width"/>], every number finite.</param>
    /// <exception cref="InvalidOperationException"><see cref="Begin"/> was not called.</exception>
    public void Read(ItemId item, Span<float> row)
    {
        var request = _request ?? throw new InvalidOperationException("Begin comes before Read");
        var candidate = Find(item);
        if (candidate.Entry?.Item.Ad?.Promotes is { } subject) candidate = Find(subject);
        var at = 0;
        foreach (var feature in _features)
        {
            feature.Read(request, candidate, row.Slice(at, feature.Columns.Count));
            at += feature.Columns.Count;
        }
    }

    private Candidate Find(ItemId item) => _state.Items.Find(item.Value) is { } index ? new(index, _state.Catalogue.Find(index)) : new(-1, null);
}
