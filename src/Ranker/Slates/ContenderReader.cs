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
/// What it reads with is pooled: one for every request under way, and a feature reader for every thread of it. Safe from any thread while the state stands still.
/// </summary>
/// <param name="state">What is read.</param>
/// <param name="model">Which columns.</param>
/// <param name="policy">What is new, and how risky what says nothing of it.</param>
/// <param name="threads">Threads that may share the rows of one request, the caller's among them; the rows are the same for any number.</param>
internal sealed class ContenderReader(RankingState state, RankerModel model, SlatePolicy policy, int threads = 1)
{
    /// <summary>Rows a thread takes at once: some 100 µs.</summary>
    private const int Piece = 64;

    private static readonly string[] Levels = ["safe", "low", "medium", "high"];

    private readonly ParallelOptions _parallel = new() { MaxDegreeOfParallelism = threads };
    private readonly ConcurrentBag<FeatureReader> _readers = [];
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
        if (!_idle.TryTake(out var desk)) desk = new();
        foreach (var (item, mostMicros) in kept)
        {
            var subject = item.Ad?.Promotes ?? item.Id;
            var row = Number(desk.Rows, subject.Value, out var isFirst);
            if (isFirst) desk.Subjects.Add(subject);
            inputs.Add(new(item.Id, row, Number(desk.Authors, item.Author, out _), Number(desk.Categories, item.Category, out _), Age(item, request.Now),
                policy.ExplorePosition > 0 && item.Ad is null && ItemRates.Impressions(state, item.Id) < policy.ExploreImpressions, Risk(item),
                item.Ad is { } ad ? new(ad.Advertiser, ad.Promotes, ad.Bid.Per, mostMicros) : null));
        }
        inputs.Subjects = desk.Subjects.Count;
        inputs.Trim(inputs.Subjects * width);
        if (request.Degradation < Degradation.Counters) ReadFeatures(inputs, desk.Subjects, affinity, vectors);
        else if (request.Degradation == Degradation.Counters) ReadRates(inputs, desk.Subjects);
        if (policy.Diversity > 0 && vectors is not null) inputs.Likeness = new VectorLikeness(vectors, inputs);
        desk.Clear();
        _idle.Add(desk);
        return inputs;
    }

    private void ReadFeatures(SlateInputs inputs, List<ItemId> subjects, AffinityTable? affinity, ItemVectors? vectors)
    {
        if (threads == 1 || subjects.Count < 2 * Piece)
        {
            var reader = Begin();
            ReadRows(reader, 0, subjects.Count);
            _readers.Add(reader); // not after a fault: one that threw is in doubt
            return;
        }
        try
        {
            Parallel.For(0, (subjects.Count + Piece - 1) / Piece, _parallel, Begin, (piece, _, reader) =>
            {
                ReadRows(reader, piece * Piece, Math.Min(subjects.Count, (piece + 1) * Piece));
                return reader;
            }, _readers.Add);
        }
        catch
        {
            _readers.Clear(); // one of them threw
            throw;
        }

        FeatureReader Begin()
        {
            if (!_readers.TryTake(out var reader)) reader = new FeatureReader(state, model.Schema);
            (reader.Affinity, reader.Vectors) = (affinity, vectors);
            reader.Begin(inputs.Request.User, inputs.Request.Now, inputs.Request.Surface);
            return reader;
        }

        void ReadRows(FeatureReader reader, int first, int end)
        {
            var width = model.Schema.Width;
            for (var row = first; row < end; row++) reader.Read(subjects[row], inputs.RowsForWriting.Slice(row * width, width));
        }
    }

    private void ReadRates(SlateInputs inputs, List<ItemId> subjects)
    {
        var at = 0;
        foreach (var subject in subjects)
            foreach (var head in model.Heads) inputs.RowsForWriting[at++] = (float)ItemRates.Of(state, subject, head.Action);
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

    /// <summary>The request's numbers of subjects, authors and categories, in the order in which they are met.</summary>
    private sealed class Desk
    {
        public List<ItemId> Subjects { get; } = [];

        public Dictionary<string, int> Rows { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, int> Authors { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, int> Categories { get; } = new(StringComparer.Ordinal);

        public void Clear()
        {
            Subjects.Clear();
            Rows.Clear();
            Authors.Clear();
            Categories.Clear();
        }
    }
}
