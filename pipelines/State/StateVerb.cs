using System.CommandLine;
using Recs.Domain.Events;
using Recs.Ingest;
using Recs.Pipelines.CommandLine;
using Recs.Pipelines.Ingest;
using Recs.Storage;
using Spectre.Console;
using Table = Recs.Storage.Reports.Table;

namespace Recs.Pipelines.State;

/// <summary><c>recs state</c>: folds all facts and says what came out, with one digest by which two stores are compared.</summary>
internal static class StateVerb
{
    private const int ShuffleSeed = 1;

    public static Command Create()
    {
        var db = StoreOption.Create();
        var group = new Option<string>("--group") { Description = "Whose offsets are told.", HelpName = "NAME", DefaultValueFactory = _ => new IngestOptions().Group };
        var verify = new Option<bool>("--verify") { Description = "Fold the facts a second time in a seeded shuffled order and compare the digests; exit 1 if they differ." };
        var json = Verb.JsonOption();
        return Verb.Create("state", "Folds all facts of a store: counts, offsets and one digest that is equal for two stores if and only if events and state are.",
            [db, group, verify, json], (parsed, _) =>
            {
                using var store = StoreOption.OpenExisting(parsed.GetValue(db)!);
                var (result, shuffled) = Fold(store, parsed.GetValue(group)!, parsed.GetValue(verify));
                Show(store, parsed.GetValue(group)!, result, shuffled);
                Verb.WriteJson(parsed.GetValue(json), result, StateJson.Default.StateResult);
                return Task.FromResult(result.Verified is false ? 1 : 0);
            });
    }

    /// <returns>What came out, and the digest of the second fold where one was asked for.</returns>
    private static (StateResult Result, string? Shuffled) Fold(IRecsStore store, string group, bool verify)
    {
        var snapshot = store.Read(group);
        var events = snapshot.Facts.Select(fact => fact.Event);
        var kept = verify ? events.ToArray() : null;
        var folded = FoldedState.Of(kept ?? events);
        var digest = folded.Digest();
        var shuffled = kept is null ? null : ShuffledDigest(kept);
        var counts = store.Count();
        var offsets = new SortedDictionary<string, long>(snapshot.Offsets.ToDictionary(pair => $"{pair.Key.Topic}/{pair.Key.Partition}", pair => pair.Value), StringComparer.Ordinal);
        return (new(folded.Events, counts.Duplicates, counts.DeadLetters, folded.Items, folded.Users, folded.FeatureRows, offsets, digest,
            [.. store.Gaps(group).Select(StateGap.Of)], shuffled is null ? null : shuffled == digest), shuffled);
    }

    private static string ShuffledDigest(Event[] events)
    {
        new Random(ShuffleSeed).Shuffle(events);
        return FoldedState.Of(events).Digest();
    }

    private static void Show(IRecsStore store, string group, StateResult result, string? shuffled)
    {
        var console = Terminal.Open();
        List<IReadOnlyList<object?>> rows = [.. result.Events.Select(pair => new object?[] { $"{pair.Key} events", pair.Value })];
        rows.AddRange(
        [
            ["duplicates dropped", result.Duplicates], ["dead letters", result.DeadLetters],
            ["items", result.Items], ["users", result.Users], ["feature rows", result.FeatureRows],
            ["offsets' sum", result.Offsets.Values.Sum()], ["partitions read", (long)result.Offsets.Count],
        ]);
        console.WriteLine($"state of {store.Name}");
        TableText.Show(new Table(["what", "count"], rows), console);
        console.WriteLine($"digest {result.Digest}");
        if (result.Gaps.Count > 0) console.WriteLine(GapLines.Of(store.Gaps(group)));
        if (shuffled is null) return;
        console.WriteLine("verify: the facts folded in stored order compared with the same facts folded in a seeded shuffled order (there are no snapshots to compare with)");
        console.WriteLine(result.Verified is true ? "verify: equal" : $"verify: DIFFERENT, the shuffled fold has digest {shuffled}");
    }
}
