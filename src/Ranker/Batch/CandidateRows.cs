using Recs.Domain;
using Recs.Domain.Items;
using Recs.Features;
using Recs.Features.Affinity;
using Recs.Features.Embedding;
using Recs.Features.State;
using Recs.Ranker.Slates;

namespace Recs.Ranker.Batch;

/// <summary>One user's candidates with their feature rows.</summary>
/// <param name="User">For whom.</param>
/// <param name="Items">The candidates, active content only.</param>
/// <param name="Features">[items × width], row-major.</param>
public sealed record CandidateBlock(UserId User, IReadOnlyList<ItemId> Items, float[] Features);

/// <summary>
/// Feature rows for many users at one moment: the sources and the features of a live request, without the request. Blocks come in the order of
/// the users, whatever the number of threads.
/// </summary>
public sealed class CandidateRows
{
    private readonly RankingState _state;
    private readonly FeatureSchema _schema;
    private readonly AffinityTable? _affinity;
    private readonly ItemVectors? _vectors;
    private readonly SlatePolicy _policy;

    /// <param name="state">Must not change while blocks are read.</param>
    /// <param name="schema">The columns to read.</param>
    /// <param name="affinity">The table of the moment's week, or null.</param>
    /// <param name="vectors">Item vectors, or null.</param>
    /// <param name="policy">Says how many candidates a user has; null for the defaults.</param>
    public CandidateRows(RankingState state, FeatureSchema schema, AffinityTable? affinity, ItemVectors? vectors, SlatePolicy? policy = null) =>
        (_state, _schema, _affinity, _vectors, _policy) = (state, schema, affinity, vectors, policy ?? new SlatePolicy());

    /// <summary>Threads, at least 1.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>The blocks of <paramref name="users"/>, made while they are enumerated.</summary>
    /// <param name="users">In the order wanted.</param>
    /// <param name="now">The moment at which features are read.</param>
    /// <param name="cancel">Ends the enumeration.</param>
    public IEnumerable<CandidateBlock> Read(IReadOnlyList<UserId> users, Timestamp now, CancellationToken cancel = default)
    {
        // A reader belongs to one thread; the pool of threads keeps as many as it needs.
        using var readers = new ThreadLocal<FeatureReader>(() => new FeatureReader(_state, _schema) { Affinity = _affinity, Vectors = _vectors });
        foreach (var block in users.AsParallel().AsOrdered().WithDegreeOfParallelism(Workers).WithMergeOptions(ParallelMergeOptions.AutoBuffered)
            .WithCancellation(cancel).Select(user => Read(readers.Value!, user, now)))
            yield return block;
    }

    private CandidateBlock Read(FeatureReader reader, UserId user, Timestamp now)
    {
        var request = new RankRequest(user, "batch", 1, [ItemKind.Content], null, Explain: false, now);
        using var lists = GatheringLists.Rent();
        var items = CandidateSources.Find(request, _state, _affinity, _vectors, _policy, lists).Items.Where(item => _state.FindItem(item) is { Status: ItemStatus.Active, Ad: null }).ToList();
        var features = new float[items.Count * _schema.Width];
        reader.Begin(user, now);
        for (var i = 0; i < items.Count; i++) reader.Read(items[i], features.AsSpan(i * _schema.Width, _schema.Width));
        return new(user, items, features);
    }
}
