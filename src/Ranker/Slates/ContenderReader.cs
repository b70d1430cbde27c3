using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Recs.Domain;
using Recs.Domain.Items;
using Recs.Features;
using Recs.Features.Affinity;
using Recs.Features.Embedding;
using Recs.Features.Rates;
using Recs.Features.State;
using Recs.Ranker.Model;

namespace Recs.Ranker.Slates;

/// <summary>
/// Reads what composing needs of the kept candidates: their features and terms. An ad is judged by the item it promotes, so the two share one row.
/// What it reads with is pooled: one for every request under way. Safe from any thread while the state stands still.
/// </summary>
internal sealed class ContenderReader(RankingState state, RankerModel model, SlatePolicy policy)
{
    private static readonly string[] Levels = ["safe", "low", "medium", "high"];

    private readonly ConcurrentBag<Desk> _idle = [];

    /// <summary>Turns kept candidates into contenders with their rows.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="kept">What the filters kept.</param>
    /// <param name="affinity">The table of the week, or null.</param>
    /// <param name="vectors">Item vectors, or null.</param>
    public SlateInputs Read(RankRequest request, List<KeptCandidate> kept, AffinityTable? affinity, ItemVectors? vectors)
    {
        var width = request.Degradation switch { Degradation.Counters => model.Heads.Count, Degradation.Popularity => 0, _ => model.Schema.Width };
        var inputs = new SlateInputs(request, kept.Count, kept.Count * width);
        if (!_idle.TryTake(out var desk)) desk = new(new FeatureReader(state, model.Schema));
        var reader = desk.Reader;
        (reader.Affinity, reader.Vectors) = (affinity, vectors);
        if (request.Degradation < Degradation.Counters) reader.Begin(request.User, request.Now, request.Surface);
        foreach (var (item, mostMicros) in kept)
        {
            var subject = item.Ad?.Promotes ?? item.Id;
            var row = Number(desk.Subjects, subject.Value, out var isFirst);
            if (isFirst) ReadRow(request, reader, subject, inputs.RowsForWriting.Slice(row * width, width));
            inputs.Add(new(item.Id, row, Number(desk.Authors, item.Author, out _), Number(desk.Categories, item.Category, out _), Age(item, request.Now),
                policy.ExplorePosition > 0 && item.Ad is null && ItemRates.Impressions(state, item.Id) < policy.ExploreImpressions, Risk(item),
                item.Ad is { } ad ? new(ad.Advertiser, ad.Promotes, ad.Bid.Per, mostMicros) : null));
        }
        inputs.Subjects = desk.Subjects.Count;
        inputs.Trim(inputs.Subjects * width);
        if (policy.Diversity > 0 && vectors is not null) inputs.Likeness = new VectorLikeness(vectors, inputs);
        desk.Clear();
        _idle.Add(desk); // not after a fault: a reader that threw is in doubt
        return inputs;
    }

    private void ReadRow(RankRequest request, FeatureReader reader, ItemId subject, Span<float> row)
    {
        if (request.Degradation < Degradation.Counters) reader.Read(subject, row);
        else for (var head = 0; head < row.Length; head++) row[head] = (float)ItemRates.Of(state, subject, model.Heads[head].Action);
    }

    private static int Number(Dictionary<string, int> names, string name, out bool isFirst)
    {
        isFirst = false;
        if (name.Length == 0) return -1;
        ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(names, name, out var known);
        isFirst = !known;
        if (isFirst) number = names.Count - 1;
        return number;
    }

    private long Age(Item item, Timestamp now) => Math.Max(0, (now.Milliseconds - (state.CreatedAt(item.Id) ?? now).Milliseconds) / 1_000);

    private int Risk(Item item)
    {
        var stated = Array.IndexOf(Levels, item.Attributes.Text(item.Ad is null ? "brand_risk" : "brand_tolerance"));
        return stated >= 0 ? stated : item.Ad is null ? policy.UnknownRisk : policy.BrandTolerance;
    }

    /// <summary>A feature reader, and the request's numbers of subjects, authors and categories, in the order in which they are met.</summary>
    private sealed record Desk(FeatureReader Reader)
    {
        public Dictionary<string, int> Subjects { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, int> Authors { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, int> Categories { get; } = new(StringComparer.Ordinal);

        public void Clear()
        {
            Subjects.Clear();
            Authors.Clear();
            Categories.Clear();
        }
    }
}
