using Recs.Domain;
using Recs.Domain.Embeddings;
using Recs.Domain.Events;
using Recs.Features;
using Recs.Features.Affinity;
using Recs.Features.Embedding;
using Recs.Features.State;
using Recs.Ranker.Training;

namespace Recs.Pipelines.Bench.Replay;

/// <summary>
/// Point-in-time training rows from facts in memory, on all threads and on one, beside the fold of the same facts alone: what a replay would take if reading cost nothing.
/// </summary>
internal sealed class ReplayBench(IReadOnlyList<Fact> facts, InteractionType action, FeatureSchema schema, int threads, int runs, TimeProvider clock)
{
    /// <summary>Numbers in a drawn vector: as many as the bundled embedder makes.</summary>
    private const int Dimensions = 256;

    /// <summary>Impressions whose rows are read again from a state that was written out and read back.</summary>
    private const int Sampled = 8;

    /// <param name="name">Of the log.</param>
    /// <param name="say">Told what is being done.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="InvalidOperationException">Rows differ that must not.</exception>
    public ReplayBenchResult Run(string name, Action<string> say, CancellationToken cancel)
    {
        say("drawing vectors");
        var vectors = Vectors();
        vectors.Prepare(cancel);
        say("comparing");
        var set = Replay(vectors, threads, cancel).Set;
        Check(set, Replay(vectors, 1, cancel).Set, vectors);
        List<double> ours = [], alone = [], processor = [], fold = [], tally = [];
        for (var run = 0; run < runs; run++)
        {
            say(FormattableString.Invariant($"run {run + 1} of {runs}"));
            var used = Environment.CpuUsage.TotalTime;
            ours.Add(set.Rows / Replay(vectors, threads, cancel).Seconds);
            processor.Add((Environment.CpuUsage.TotalTime - used).TotalSeconds / set.Rows * 1e6);
            alone.Add(set.Rows / Replay(vectors, 1, cancel).Seconds);
            fold.Add(Fold(new RankingState().Apply));
            tally.Add(Fold(new FoldedState().Apply));
        }
        var peers = new Dictionary<string, double> { ["one_thread"] = Median.Of(alone), ["fold_alone"] = set.Rows / Median.Of(fold) };
        return new("replay", "rows/s", Median.Of(ours), peers, peers.ToDictionary(peer => peer.Key, peer => Median.Of(ours) / peer.Value), Checked: true, MachineFacts.Read())
        {
            Threads = threads,
            Log = name,
            Events = facts.Count,
            Impressions = set.Groups.Count,
            Rows = set.Rows,
            Columns = set.Width,
            ProcessorMicrosecondsPerRow = Median.Of(processor),
            FoldMicrosecondsPerEvent = Median.Of(fold) / facts.Count * 1e6,
            TalliedFoldMicrosecondsPerEvent = Median.Of(tally) / facts.Count * 1e6,
            RankMilliseconds = Rank(vectors),
            PeakResidentBytes = MachineFacts.PeakResidentBytes(),
        };
    }

    private (TrainingSet Set, double Seconds) Replay(ItemVectors vectors, int workers, CancellationToken cancel)
    {
        var begun = clock.GetTimestamp();
        var set = new TrainingReplay(facts, action, vectors) { Schema = schema, Workers = workers }.Run(null, cancel);
        return (set, clock.GetElapsedTime(begun).TotalSeconds);
    }

    /// <returns>Processor seconds of all facts.</returns>
    private double Fold(Action<Event> apply)
    {
        var used = Environment.CpuUsage.TotalTime;
        foreach (var (source, _) in facts) apply(source);
        return (Environment.CpuUsage.TotalTime - used).TotalSeconds;
    }

    /// <summary>The features of one rank call after the whole log: a user, 500 drawn items of the catalogue, one thread.</summary>
    /// <returns>The median of calls, in milliseconds.</returns>
    private double Rank(ItemVectors vectors)
    {
        const int candidates = 500, calls = 400;
        var (state, affinity) = (new RankingState(), new AffinityBuilder(schema.NeedsRatings));
        foreach (var (source, _) in facts)
        {
            state.Apply(source);
            affinity.Add(source);
        }
        var now = state.Newest.Plus(TimeSpan.FromSeconds(1));
        var reader = new FeatureReader(state, schema) { Vectors = vectors, Affinity = affinity.Build(now) };
        var users = facts.Select(fact => fact.Event).OfType<Impression>().Select(shown => shown.User).Distinct().Take(calls).ToArray();
        var (items, random, row, times) = (state.AllItems(), new Random(1), new float[schema.Width], new List<double>());
        for (var call = 0; call < 2 * calls; call++)
        {
            var begun = clock.GetTimestamp();
            reader.Begin(users[call % users.Length], now);
            for (var at = 0; at < candidates; at++) reader.Read(items[random.Next(items.Count)].Id, row);
            if (call >= calls) times.Add(clock.GetElapsedTime(begun).TotalMilliseconds);
        }
        return Median.Of(times);
    }

    private void Check(TrainingSet set, TrainingSet alone, ItemVectors vectors)
    {
        if (set.Rows == 0) throw new RefusedException("the log has no impressions: nothing to replay");
        for (var at = 0; at < set.Features.Length; at++)
            if (BitConverter.SingleToInt32Bits(set.Features[at]) != BitConverter.SingleToInt32Bits(alone.Features[at]))
                throw new InvalidOperationException($"row {at / set.Width}, {schema.Columns[at % set.Width]}: {set.Features[at]:R} on {threads} threads, {alone.Features[at]:R} on one");
        CheckFresh(set, vectors);
    }

    /// <summary>Nothing that was kept between reads may show: a state that was written out and read back knows the facts alone.</summary>
    private void CheckFresh(TrainingSet set, ItemVectors vectors)
    {
        var known = facts.Where(fact => fact.Event is Impression).ToDictionary(fact => ((Impression)fact.Event).Request, fact => fact.Known);
        var tables = AffinitySchedule.Tables(facts, set.Groups.Select(group => known[group.Request]), schema.NeedsRatings);
        var (folded, applied, row) = (new FoldedState(), 0, new float[set.Width]);
        for (var sample = 1; sample <= Sampled; sample++)
        {
            var group = set.Groups[(int)((long)sample * (set.Groups.Count - 1) / Sampled)];
            while (applied < facts.Count && facts[applied].Known < known[group.Request]) folded.Apply(facts[applied++].Event);
            using var written = new MemoryStream();
            StateFile.Write(folded, written);
            written.Position = 0;
            var reader = new FeatureReader(StateFile.Read(written).State, schema) { Vectors = vectors, Affinity = tables[AffinitySchedule.Of(known[group.Request], null)] };
            reader.Begin(group.User, group.Time);
            for (var at = group.First; at < group.First + group.Count; at++)
            {
                reader.Read(set.Items[at], row);
                for (var column = 0; column < row.Length; column++)
                    if (BitConverter.SingleToInt32Bits(row[column]) != BitConverter.SingleToInt32Bits(set.Row(at)[column]))
                        throw new InvalidOperationException($"row {at}, {schema.Columns[column]}: {set.Row(at)[column]:R} replayed, {row[column]:R} from a state read back");
            }
        }
    }

    /// <summary>A drawn vector for every item that is named: what vectors hold makes no difference to the time.</summary>
    private ItemVectors Vectors()
    {
        var random = new Random(1);
        HashSet<ItemId> items = [];
        List<ItemEmbedding> embeddings = [];
        foreach (var (source, _) in facts)
            if (source is ItemUpserted version && items.Add(version.Item.Id))
            {
                var vector = new float[Dimensions];
                var squares = 0.0;
                foreach (ref var value in vector.AsSpan()) squares += (value = random.NextSingle() - 0.4f) * value;
                foreach (ref var value in vector.AsSpan()) value /= (float)Math.Sqrt(squares);
                embeddings.Add(new(version.Item.Id, "drawn", "", vector));
            }
        return new(embeddings);
    }
}
